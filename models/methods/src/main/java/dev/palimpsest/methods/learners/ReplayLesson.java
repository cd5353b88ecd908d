package dev.palimpsest.methods.learners;

import dev.palimpsest.tensors.Tensors;
import java.util.Optional;

/** A lesson with a buffer, into which the images at hand go step by step. */
abstract class ReplayLesson implements TaskLesson {
  private final BufferSettings settings;
  private final TaskContext context;
  private final Buffer buffer;

  ReplayLesson(BufferSettings settings, TaskContext context) {
    this.settings = settings;
    this.context = context;
    this.buffer = Buffer.of(settings, context);
  }

  final TaskContext context() {
    return context;
  }

  final Buffer buffer() {
    return buffer;
  }

  /** The samples to replay in a step, drawn anew at each call; none while none are held. */
  final Optional<Replay> drawn(Step step) {
    return buffer.held() == 0
        ? Optional.empty()
        : Optional.of(buffer.draw(settings.batch(), context.net(), step.random()));
  }

  /** Offers the step's images to the buffer. */
  final void keep(Step step) {
    buffer.add(step.raw(), context.task().number(), step.random());
  }

  /** A memory with what this lesson keeps in it. */
  Memory keptIn(Memory memory) {
    return memory.with(Buffer.PART, buffer.state());
  }

  @Override
  public final Memory memory() {
    return keptIn(context.memory());
  }

  @Override
  public final Tensors state() {
    return keptIn(Memory.EMPTY).tensors();
  }

  @Override
  public final void restore(Tensors state) {
    restore(new Memory(state));
  }

  /** Carries on from what was kept. */
  void restore(Memory kept) {
    buffer.restore(kept.part(Buffer.PART));
  }
}
