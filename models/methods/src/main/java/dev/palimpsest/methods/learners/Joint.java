package dev.palimpsest.methods.learners;

import com.google.auto.service.AutoService;
import dev.palimpsest.engine.Penalty;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Method;

/**
 * Plain training on the images of all tasks so far: the upper bound that every learner is compared
 * with. It keeps nothing and is given everything again.
 *
 * <p>The network goes on from where the former task left it; an upper bound that begins anew with
 * each task would draw it again.
 */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class Joint implements Learner<Joint.Parameters> {
  /** None. */
  public record Parameters() {}

  @Override
  public String name() {
    return "joint";
  }

  @Override
  public String summary() {
    return "Joint training on the images of all tasks so far: the upper bound.";
  }

  @Override
  public Citation citation() {
    return new Citation(
        "caruana1997multitask",
        "R. Caruana. Multitask Learning. Machine Learning 28, 1997.",
        """
        @article{caruana1997multitask,
          author = {Caruana, Rich},
          title = {Multitask Learning},
          journal = {Machine Learning},
          volume = {28},
          pages = {41--75},
          year = {1997}
        }
        """);
  }

  @Override
  public Class<Parameters> parameters() {
    return Parameters.class;
  }

  @Override
  public boolean learnsJointly() {
    return true;
  }

  @Override
  public TaskLesson lesson(Parameters parameters, TaskContext context) {
    return TaskLesson.of(Penalty.NONE, context.memory());
  }
}
