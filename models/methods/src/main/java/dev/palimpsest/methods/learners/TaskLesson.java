package dev.palimpsest.methods.learners;

import ai.djl.ndarray.NDArray;
import dev.palimpsest.engine.Lesson;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Penalty;
import dev.palimpsest.tensors.Tensors;

/** How one task is learned, and what that leaves in the memory. */
public interface TaskLesson extends Lesson {
  /** The memory as it is now; asked when the training has ended. */
  Memory memory();

  /** A lesson that keeps the memory as it is. */
  static TaskLesson of(Lesson lesson, Memory memory) {
    return new Keeping(lesson, memory);
  }

  /** Cross-entropy with a penalty, which is closed with it; keeps the memory as it is. */
  static TaskLesson of(Penalty penalty, Memory memory) {
    return of(Lesson.of(penalty), memory);
  }

  /** See {@link #of(Lesson, Memory)}. */
  record Keeping(Lesson lesson, Memory memory) implements TaskLesson {
    @Override
    public Net.Loss loss(Step step) {
      return lesson.loss(step);
    }

    @Override
    public NDArray adjusted(NDArray gradient) {
      return lesson.adjusted(gradient);
    }

    @Override
    public void moved() {
      lesson.moved();
    }

    @Override
    public int firstColumn() {
      return lesson.firstColumn();
    }

    @Override
    public boolean frozenStatistics() {
      return lesson.frozenStatistics();
    }

    @Override
    public Tensors state() {
      return lesson.state();
    }

    @Override
    public void restore(Tensors state) {
      lesson.restore(state);
    }

    @Override
    public void close() {
      lesson.close();
    }
  }
}
