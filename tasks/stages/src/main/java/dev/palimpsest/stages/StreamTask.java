package dev.palimpsest.stages;

import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.methods.learners.Learner;
import dev.palimpsest.methods.learners.Memory;
import dev.palimpsest.methods.learners.Task;
import dev.palimpsest.spec.Choice;
import dev.palimpsest.spec.Kind;
import dev.palimpsest.spec.Methods;
import dev.palimpsest.tasks.StageContext;

/** The task that a stage works on, and its images. */
record StreamTask(Task task, DataSet data) {
  /** The number of a task whose images are the whole data set, as in SBL. */
  static final int WHOLE = 0;

  /**
   * The task of this number.
   *
   * @param number from 1, or {@link #WHOLE}
   * @param first whether nothing was learned before; asked for whole data sets only
   * @param jointly whether the images of all tasks so far belong to it
   * @throws Mistake if a split data set has no such task
   */
  static StreamTask of(DataSet data, int number, boolean first, boolean jointly) {
    if (number == WHOLE) {
      int classes = data.classes().size();
      return new StreamTask(first ? Task.only(classes) : Task.further(classes), data);
    }
    return new StreamTask(
        Task.of(data.tasks(), number), jointly ? data.upTo(number) : data.task(number));
  }

  /** What the learner kept so far; nothing at first. */
  static Memory memory(StageContext context) {
    return context.has("memory") ? new Memory(context.tensors("memory")) : Memory.EMPTY;
  }

  /**
   * Throws {@link Mistake} if a learner that lives on its memory comes to a further task without.
   */
  static void checkMemory(Learner<?> learner, Task task, Memory memory) {
    if (learner.needsMemory() && task.known() > 0 && memory.tensors().tensors().isEmpty()) {
      throw new Mistake(
          "learner '"
              + learner.name()
              + "' has no memory of the former task; expected the output 'memory' of a consolidate"
              + " stage after that task as the input 'memory'.");
    }
  }

  /**
   * Throws {@link Mistake} if a learner that measures while it trains is to keep something of data
   * that are no task of a stream: those were trained without it.
   */
  static void checkTrained(Learner<?> learner, int number) {
    if (learner.measuresInTraining() && number == WHOLE) {
      throw new Mistake(
          "learner '"
              + learner.name()
              + "' measures what matters while it trains, and this task was trained without it;"
              + " expected a learner that measures afterwards, such as ewc or mas.");
    }
  }

  /** Throws {@link Mistake} if a learner would keep more samples than there are. */
  static <P extends Record> void checkBuffer(Learner<P> learner, P parameters, long images) {
    int samples = learner.samplesKept(parameters);
    if (samples > images) {
      throw new Mistake(
          "learner '"
              + learner.name()
              + "' has a buffer of "
              + samples
              + " samples and the data set only "
              + images
              + " images; expected at most as many.");
    }
  }

  /** A learner by its name. */
  static Learner<?> learner(Choice choice) {
    return Methods.load().get(Kind.LEARNER, choice.method(), Learner.class);
  }

  /**
   * What can be seen before a run: throws {@link Mistake} if there is no such task, or less data
   * than the learner would keep.
   *
   * @param learner with its parameters
   * @param all the split data set, or the whole one
   */
  static void foresee(Choice learner, int number, DataFacts all) {
    if (number != WHOLE) {
      all.task(number);
    }
    foresee(learner(learner), learner, all);
  }

  private static <P extends Record> void foresee(Learner<P> learner, Choice choice, DataFacts all) {
    checkBuffer(learner, Methods.load().bind(learner, choice), all.size());
  }

  /** The streams of a task; those of a whole data set bear no number. */
  static Randomness randomness(StageContext context, int task) {
    Randomness randomness = Randomness.of(context.seed()).within("continual");
    return task == StreamTask.WHOLE ? randomness : randomness.within("task-" + task);
  }
}
