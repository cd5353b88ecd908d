package dev.palimpsest.methods.defences;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import com.google.auto.service.AutoService;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.base.Names;
import dev.palimpsest.engine.Lesson;
import dev.palimpsest.engine.Mode;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Ops;
import dev.palimpsest.engine.Out;
import dev.palimpsest.engine.Recipe;
import dev.palimpsest.engine.Schedule;
import dev.palimpsest.engine.Scope;
import dev.palimpsest.engine.Sgd;
import dev.palimpsest.engine.Stepwise;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Method;
import dev.palimpsest.spec.Param;
import dev.palimpsest.tensors.Tensors;
import java.util.List;
import java.util.Objects;

/**
 * Neural attention distillation: a copy of the network is fine-tuned and then teaches the network
 * where to look. Loss = cross-entropy + sum_l beta_l mean (A_l - T_l)^2, where the attention A_l =
 * a / (||a||_2 + 1e-6) with a = sum_c f_c^2 over the channels of feature map l, by sample, and T_l
 * is the teacher's (its running statistics in use).
 *
 * <p>Defaults as in sequential backdoor learning's evaluation, whose cosine of period 50 ends at
 * 0.65 of its rate after 20 epochs. BackdoorBench on CIFAR-10: betas 500, 1000, 1000, the teacher
 * 10 epochs, the student 100. The course is measured while the student learns; the network is the
 * unchanged one while the teacher does.
 */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class Nad implements Defence<Nad.Parameters> {
  private static final double TINY = 1e-6;

  /** What is distilled, and SGD with its schedule for teacher and student alike. */
  public record Parameters(
      @Param(help = "weight of each distilled feature map", value = "[500, 500, 500]")
          List<Double> betas,
      @Param(
              help = "names of the distilled feature maps; empty: the last ones, one a weight",
              value = "[]")
          List<String> layers,
      @Param(help = "epochs of the teacher's fine-tuning", value = "20", min = 1) int teacherEpochs,
      @Param(help = "epochs of distillation", value = "20", min = 1) int epochs,
      @Param(help = "learning rate of the first epoch", value = "0.01", min = 0) double lr,
      @Param(help = "momentum", value = "0.9", min = 0, max = 1) double momentum,
      @Param(help = "weight decay (L2)", value = "5e-4", min = 0) double weightDecay,
      @Param(help = "schedule of the learning rate", value = "\"cosine\"") Schedule schedule,
      @Param(help = "epochs to the cosine's lowest rate (T_max)", value = "50", min = 1) int period,
      @Param(help = "samples a step", value = "128", min = 1) int batch) {
    /** Refuses weights that are negative, and layers that are not one a weight. */
    public Parameters {
      betas = List.copyOf(betas);
      layers = List.copyOf(layers);
      for (double beta : betas) {
        if (!(beta >= 0)) {
          throw new Mistake("betas has " + beta + "; expected numbers of at least 0.");
        }
      }
      if (!layers.isEmpty() && layers.size() != betas.size()) {
        throw new Mistake(
            "there are "
                + betas.size()
                + " betas and "
                + layers.size()
                + " layers; expected one beta a layer.");
      }
    }

    private Recipe recipe(int length) {
      return Recipe.of(length, batch, Sgd.Settings.of(lr, momentum, weightDecay))
          .with(schedule, period);
    }
  }

  @Override
  public String name() {
    return "nad";
  }

  @Override
  public String summary() {
    return "Neural attention distillation: a fine-tuned copy teaches the network where to look.";
  }

  @Override
  public Citation citation() {
    return Citation.paper(
        "li2021nad",
        "Yige Li and Xixiang Lyu and Nodens Koren and Lingjuan Lyu and Bo Li and Xingjun Ma",
        "Neural Attention Distillation: Erasing Backdoor Triggers from Deep Neural Networks",
        "International Conference on Learning Representations (ICLR)",
        2021);
  }

  @Override
  public Class<Parameters> parameters() {
    return Parameters.class;
  }

  @Override
  public Stepwise start(Parameters parameters, DefenceContext context) {
    List<String> layers = layers(parameters, context.net());
    Net teacher = context.net().twin();
    var distillation = new Distillation(teacher, layers, parameters.betas());
    return new Parts(
        List.of(
            new Parts.Part(
                context.training(
                    teacher,
                    parameters.recipe(parameters.teacherEpochs()),
                    Lesson.PLAIN,
                    context.randomness().within("teacher")),
                parameters.teacherEpochs(),
                false),
            new Parts.Part(
                context.training(parameters.recipe(parameters.epochs()), distillation),
                parameters.epochs(),
                true)),
        teacher::close);
  }

  /** The feature maps to distil, or {@link Mistake} where the network has not got them. */
  private static List<String> layers(Parameters parameters, Net net) {
    List<String> maps = maps(net);
    for (String layer : parameters.layers()) {
      if (!maps.contains(layer)) {
        throw new Mistake(Names.unknown("feature map of the network", layer, maps));
      }
    }
    int weights = parameters.betas().size();
    if (maps.size() < weights) {
      throw new Mistake(
          "there are "
              + weights
              + " betas; expected at most one for each feature map of the network: "
              + String.join(", ", maps)
              + ".");
    }
    return parameters.layers().isEmpty()
        ? maps.subList(maps.size() - weights, maps.size())
        : parameters.layers();
  }

  private static List<String> maps(Net net) {
    try (Scope scope = Scope.open()) {
      Shape one = new Shape(1).addAll(new Shape(net.imageShape()));
      NDArray blank = net.compute().manager().zeros(one, net.precision().type());
      return List.copyOf(net.forward(Mode.EVAL, blank).maps().keySet());
    }
  }

  /** The attention of feature maps [n,channels,h,w]: [n,h,w]. */
  static NDArray attention(NDArray map) {
    NDArray sum = map.square().sum(new int[] {1});
    NDArray norm = sum.square().sum(new int[] {1, 2}, true).sqrt().add(TINY);
    return sum.div(norm);
  }

  /** The mean squared difference of two feature maps' attentions: a scalar. */
  static NDArray distance(NDArray student, NDArray teacher) {
    return attention(student).sub(attention(teacher)).square().mean();
  }

  /** Learns the samples beside a teacher, whose state it keeps. */
  private record Distillation(Net teacher, List<String> layers, List<Double> betas)
      implements Lesson {
    @Override
    public Net.Loss loss(Step step) {
      NDArray images = step.batch().images();
      Out taught = teacher.forward(Mode.EVAL, images);
      return Net.Loss.of(
          images,
          (out, weights) -> {
            NDArray loss = Ops.crossEntropy(out.logits(), step.batch().labels());
            for (int i = 0; i < layers.size(); i++) {
              String layer = layers.get(i);
              NDArray distance = distance(map(out, layer), map(taught, layer));
              loss = loss.add(Ops.scaled(distance, betas.get(i)));
            }
            return loss;
          });
    }

    private static NDArray map(Out out, String layer) {
      return Objects.requireNonNull(out.maps().get(layer), layer);
    }

    @Override
    public Tensors state() {
      return teacher.state();
    }

    @Override
    public void restore(Tensors state) {
      teacher.load(state);
    }
  }
}
