package dev.palimpsest.methods.learners;

import dev.palimpsest.engine.Lesson;
import dev.palimpsest.engine.OneStep;
import dev.palimpsest.engine.Progress;
import dev.palimpsest.engine.Stepwise;
import dev.palimpsest.engine.Training;
import dev.palimpsest.tensors.Tensors;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/** What a learner does after a task, step by step; it may change the network. */
public interface Consolidation extends Stepwise {
  /** What is kept for the next task; once all steps are done. */
  Memory memory();

  /** Keeps what it is given, without any work. */
  static Consolidation of(Memory memory) {
    return inOneStep(() -> memory);
  }

  /** Computes in one step what is kept; a killed computation begins again. */
  static Consolidation inOneStep(Supplier<Memory> work) {
    var kept = new AtomicReference<>(Memory.EMPTY);
    return after(
        new OneStep(() -> {
          kept.set(work.get());
          return Map.of();
        }),
        kept::get);
  }

  /** Keeps what is made of finished work, which is closed with this. */
  static Consolidation after(Stepwise work, Supplier<Memory> memory) {
    return new After(work, Lesson.PLAIN, memory);
  }

  /** Keeps what is made of one more training, which is closed with this, and so is its lesson. */
  static Consolidation after(Training training, Lesson lesson, Supplier<Memory> memory) {
    return new After(training, lesson, memory);
  }

  /** See {@link #after}. */
  record After(Stepwise work, Lesson lesson, Supplier<Memory> kept) implements Consolidation {
    @Override
    public Memory memory() {
      return kept.get();
    }

    @Override
    public long total() {
      return work.total();
    }

    @Override
    public long done() {
      return work.done();
    }

    @Override
    public Progress step() {
      return work.step();
    }

    @Override
    public long gradientEvaluations() {
      return work.gradientEvaluations();
    }

    @Override
    public Tensors state() {
      return work.state();
    }

    @Override
    public void restore(Tensors state) {
      work.restore(state);
    }

    @Override
    public void close() {
      work.close();
      lesson.close();
    }
  }
}
