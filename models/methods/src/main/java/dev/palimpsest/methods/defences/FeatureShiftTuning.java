package dev.palimpsest.methods.defences;

import ai.djl.ndarray.NDArray;
import com.google.auto.service.AutoService;
import dev.palimpsest.engine.Batch;
import dev.palimpsest.engine.Initial;
import dev.palimpsest.engine.Lesson;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.OneStep;
import dev.palimpsest.engine.Ops;
import dev.palimpsest.engine.RandomStream;
import dev.palimpsest.engine.Recipe;
import dev.palimpsest.engine.Schedule;
import dev.palimpsest.engine.Scope;
import dev.palimpsest.engine.Sgd;
import dev.palimpsest.engine.Stepwise;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Method;
import dev.palimpsest.spec.Param;
import java.util.List;
import java.util.Map;

/**
 * Feature shift tuning: the classifier is drawn anew and tuned away from the original weight W0:
 * cross-entropy + alpha sum W W0; after each step W is scaled back to the norm of W0. The bias is
 * free, momentum is not projected, and there is no weight decay, as in the official code, which
 * projects in its other modes, too.
 */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class FeatureShiftTuning implements Defence<FeatureShiftTuning.Parameters> {
  /** The shift, and SGD with a cosine over all epochs. */
  public record Parameters(
      @Param(help = "weight of the inner product with the original classifier", value = "0.2")
          double alpha,
      @Param(help = "learning rate of the first epoch", value = "0.01", min = 0) double lr,
      @Param(help = "momentum", value = "0.9", min = 0, max = 1) double momentum,
      @Param(help = "epochs, over which the rate falls along a cosine", value = "10", min = 1)
          int epochs,
      @Param(help = "samples a step", value = "128", min = 1) int batch) {}

  @Override
  public String name() {
    return "fst";
  }

  @Override
  public String summary() {
    return "Feature shift tuning: a new classifier is tuned away from the original one.";
  }

  @Override
  public Citation citation() {
    return Citation.paper(
        "min2023fst",
        "Rui Min and Zeyu Qin and Li Shen and Minhao Cheng",
        "Towards Stable Backdoor Purification through Feature Shift Tuning",
        "Advances in Neural Information Processing Systems (NeurIPS)",
        2023);
  }

  @Override
  public Class<Parameters> parameters() {
    return Parameters.class;
  }

  @Override
  public Stepwise start(Parameters p, DefenceContext context) {
    Recipe recipe =
        Recipe.of(p.epochs(), p.batch(), Sgd.Settings.of(p.lr(), p.momentum(), 0))
            .with(Schedule.COSINE, p.epochs());
    var shift = new Shift(p.alpha(), context);
    return new Parts(
        List.of(
            Parts.Part.before(new OneStep(() -> redrawn(context))),
            new Parts.Part(context.training(recipe, shift), p.epochs(), true)),
        shift::close);
  }

  /** Draws weight and bias from U(-1/sqrt(features), 1/sqrt(features)). */
  private static Map<String, Double> redrawn(DefenceContext context) {
    Net net = context.net();
    long features = net.byParameter(net.weights()).get(context.weight()).shape()[1];
    Initial bound = Initial.uniform(features);
    for (String name : List.of(context.weight(), context.bias())) {
      RandomStream stream = context.randomness().stream("weights " + name);
      try (Selection part = Selection.of(net, List.of(name));
          Scope scope = Scope.open()) {
        double[] drawn = new double[Math.toIntExact(part.places().size())];
        for (int i = 0; i < drawn.length; i++) {
          drawn[i] = bound.draw(stream);
        }
        NDArray values = net.compute().manager().create(drawn);
        part.put(net.weights(), values.toType(net.precision().type(), false));
      }
    }
    return Map.of();
  }

  /** The inner product in the loss, and the projection after it. */
  static final class Shift implements Lesson {
    private final double alpha;
    private final Net net;
    private final Selection weight;
    private final NDArray original;
    private final double norm;

    /** Takes the classifier as it is now for the original one. */
    Shift(double alpha, DefenceContext context) {
      this.alpha = alpha;
      this.net = context.net();
      this.weight = Selection.of(net, List.of(context.weight()));
      this.original = weight.of(net.weights());
      try (Scope scope = Scope.open()) {
        this.norm = Ops.norm(original);
      }
    }

    @Override
    public Net.Loss loss(Step step) {
      Batch batch = step.batch();
      return Net.Loss.of(
          batch.images(),
          (out, weights) -> {
            NDArray product = weight.of(weights).mul(original).sum();
            return Ops.crossEntropy(out.logits(), batch.labels()).add(Ops.scaled(product, alpha));
          });
    }

    @Override
    public void moved() {
      NDArray now = weight.of(net.weights());
      weight.put(net.weights(), Ops.scaled(now, norm / Ops.norm(now)));
    }

    @Override
    public void close() {
      original.close();
      weight.close();
    }
  }
}
