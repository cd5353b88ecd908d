package dev.palimpsest.methods.learners.rfe;

import dev.palimpsest.engine.Net;
import dev.palimpsest.methods.learners.BufferSettings;
import dev.palimpsest.methods.learners.Consolidation;
import dev.palimpsest.methods.learners.Learner;
import dev.palimpsest.methods.learners.Memory;
import dev.palimpsest.methods.learners.Recall;
import dev.palimpsest.methods.learners.Task;
import dev.palimpsest.methods.learners.TaskContext;
import dev.palimpsest.methods.learners.TaskLesson;
import dev.palimpsest.methods.rectifiers.GatedRectifier;
import dev.palimpsest.spec.Citation;

/**
 * What the learners of this family share.
 *
 * @param <P> the parameters of one
 */
interface RfeLearner<P extends Record> extends Learner<P> {
  /** The parameters as the family sees them. */
  RfeSettings settings(P parameters);

  @Override
  default Citation citation() {
    return GatedRectifier.CITATION;
  }

  /** The rectifier to the former task needs that task's auxiliary extractor. */
  @Override
  default boolean needsMemory() {
    return true;
  }

  @Override
  default int samplesKept(P parameters) {
    return settings(parameters).buffer().map(BufferSettings::size).orElse(0);
  }

  @Override
  default TaskLesson lesson(P parameters, TaskContext context) {
    return new RfeLesson(settings(parameters), context);
  }

  @Override
  default Consolidation consolidation(P parameters, TaskContext context) {
    RfeSettings settings = settings(parameters);
    return settings.modules().endToEnd()
        ? Consolidation.inOneStep(() -> RfeConsolidation.kept(settings, context, context.memory()))
        : new RfeConsolidation(settings, context);
  }

  @Override
  default Recall recall(P parameters, Net net, Memory memory, Task last) {
    return new RfeRecall(settings(parameters).modules(), net, memory, last);
  }
}
