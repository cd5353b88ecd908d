package dev.palimpsest.methods.learners;

import com.google.auto.service.AutoService;
import dev.palimpsest.engine.Penalty;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Method;

/** Plain training on the new task: the lower bound that every learner is compared with. */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class Naive implements Learner<Naive.Parameters> {
  /** None. */
  public record Parameters() {}

  @Override
  public String name() {
    return "naive";
  }

  @Override
  public String summary() {
    return "Fine-tuning: plain training on the new task; nothing guards the former ones.";
  }

  @Override
  public Citation citation() {
    return new Citation(
        "mccloskey1989catastrophic",
        "M. McCloskey, N. J. Cohen. Catastrophic Interference in Connectionist Networks: The"
            + " Sequential Learning Problem. Psychology of Learning and Motivation 24, 1989.",
        """
        @incollection{mccloskey1989catastrophic,
          author = {McCloskey, Michael and Cohen, Neal J.},
          title = {Catastrophic Interference in Connectionist Networks: The Sequential Learning Problem},
          booktitle = {Psychology of Learning and Motivation},
          volume = {24},
          pages = {109--165},
          publisher = {Academic Press},
          year = {1989}
        }
        """);
  }

  @Override
  public Class<Parameters> parameters() {
    return Parameters.class;
  }

  @Override
  public TaskLesson lesson(Parameters parameters, TaskContext context) {
    return TaskLesson.of(Penalty.NONE, context.memory());
  }
}
