package dev.palimpsest.methods.learners;

import com.google.auto.service.AutoService;
import dev.palimpsest.engine.Batch;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Ops;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Method;
import dev.palimpsest.spec.Param;
import java.util.Set;

/**
 * Experience replay: the mean cross-entropy over the batch at hand and a batch drawn from the
 * buffer, in one pass. The samples at hand are offered to the buffer step by step, in every epoch
 * and from the first task on, as in the reference code (mammoth).
 */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class Er implements Learner<Er.Parameters> {
  /** The buffer. */
  public record Parameters(@Param(help = "buffer") BufferSettings buffer) {}

  @Override
  public String name() {
    return "er";
  }

  @Override
  public String summary() {
    return "Experience replay: samples of former tasks are learned with the new ones.";
  }

  @Override
  public Citation citation() {
    return new Citation(
        "chaudhry2019tiny",
        "A. Chaudhry, M. Rohrbach, M. Elhoseiny et al. On Tiny Episodic Memories in Continual"
            + " Learning. arXiv:1902.10486, 2019.",
        """
        @article{chaudhry2019tiny,
          author = {Chaudhry, Arslan and Rohrbach, Marcus and Elhoseiny, Mohamed and Ajanthan, Thalaiyasingam and Dokania, Puneet K. and Torr, Philip H. S. and Ranzato, Marc'Aurelio},
          title = {On Tiny Episodic Memories in Continual Learning},
          journal = {arXiv preprint arXiv:1902.10486},
          year = {2019}
        }
        """);
  }

  @Override
  public Class<Parameters> parameters() {
    return Parameters.class;
  }

  @Override
  public boolean needsMemory() {
    return true;
  }

  @Override
  public int samplesKept(Parameters parameters) {
    return parameters.buffer().size();
  }

  @Override
  public TaskLesson lesson(Parameters parameters, TaskContext context) {
    return new ReplayLesson(parameters.buffer(), context) {
      @Override
      public Net.Loss loss(Step step) {
        Batch own = step.batch();
        Batch all = drawn(step).map(replay -> own.and(replay.batch(step.augment()))).orElse(own);
        keep(step);
        return Net.Loss.of(
            all.images(), (out, weights) -> Ops.crossEntropy(out.logits(), all.labels()));
      }
    };
  }

  @Override
  public Consolidation consolidation(Parameters parameters, TaskContext context) {
    return Buffer.unlessHeld(parameters.buffer(), context, Set.of());
  }
}
