package dev.palimpsest.methods.learners;

import ai.djl.ndarray.NDArray;
import com.google.auto.service.AutoService;
import dev.palimpsest.engine.Batch;
import dev.palimpsest.engine.Lesson;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Ops;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Method;
import dev.palimpsest.spec.Param;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Averaged gradient episodic memory: a gradient g that would raise the loss on samples of former
 * tasks, with gradient r, loses its part along r: g - (g.r / r.r) r where g.r < 0. The two batches
 * go through the network one after the other; the images of a task are offered to the buffer when
 * it is over.
 *
 * <p>With SAM the projected g is SAM's gradient and r is taken at the weights themselves; the
 * reference code of SBL leaves the projection out then.
 */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class AGem implements Learner<AGem.Parameters> {
  /** The buffer. */
  public record Parameters(@Param(help = "buffer") BufferSettings buffer) {}

  @Override
  public String name() {
    return "a-gem";
  }

  @Override
  public String summary() {
    return "Averaged gradient episodic memory: no step may raise the loss on former samples.";
  }

  @Override
  public Citation citation() {
    return Citation.paper(
        "chaudhry2019agem",
        "Arslan Chaudhry and Marc'Aurelio Ranzato and Marcus Rohrbach and Mohamed Elhoseiny",
        "Efficient Lifelong Learning with A-GEM",
        "International Conference on Learning Representations (ICLR)",
        2019);
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
    Buffer buffer = Buffer.of(parameters.buffer(), context);
    Lesson lesson =
        buffer.held() == 0
            ? Lesson.PLAIN
            : new Projection(context.net(), buffer, parameters.buffer().batch());
    return TaskLesson.of(lesson, context.memory());
  }

  @Override
  public Consolidation consolidation(Parameters parameters, TaskContext context) {
    return Consolidation.inOneStep(() -> Buffer.filled(parameters.buffer(), context, Set.of()));
  }

  private static final class Projection implements Lesson {
    private final Net net;
    private final Buffer buffer;
    private final int most;
    private UnaryOperator<NDArray> projection = UnaryOperator.identity();

    Projection(Net net, Buffer buffer, int most) {
      this.net = net;
      this.buffer = buffer;
      this.most = most;
    }

    @Override
    public Net.Loss loss(Step step) {
      Batch former = buffer.draw(most, net, step.random()).batch(step.augment());
      projection =
          gradient -> projected(gradient, net.gradient(step.mode(), crossEntropy(former)).vector());
      return crossEntropy(step.batch());
    }

    private static Net.Loss crossEntropy(Batch batch) {
      return Net.Loss.of(
          batch.images(), (out, weights) -> Ops.crossEntropy(out.logits(), batch.labels()));
    }

    @Override
    public NDArray adjusted(NDArray gradient) {
      return projection.apply(gradient);
    }
  }

  /** The gradient without its part against the reference. */
  static NDArray projected(NDArray gradient, NDArray reference) {
    double dot = dot(gradient, reference);
    return dot < 0
        ? gradient.sub(Ops.scaled(reference, dot / dot(reference, reference)))
        : gradient;
  }

  private static double dot(NDArray one, NDArray other) {
    return one.mul(other).sum().toType(Precision.F64.type(), false).getDouble();
  }
}
