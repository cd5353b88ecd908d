package dev.palimpsest.stages;

import com.fasterxml.jackson.annotation.JsonValue;
import com.google.auto.service.AutoService;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.base.Names;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.methods.learners.Task;
import dev.palimpsest.spec.Param;
import dev.palimpsest.tasks.ArtifactType;
import dev.palimpsest.tasks.Facts;
import dev.palimpsest.tasks.Lane;
import dev.palimpsest.tasks.Port;
import dev.palimpsest.tasks.Stage;
import dev.palimpsest.tasks.StageContext;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** Splits a data set by its classes into tasks that are learned one after another. */
@SuppressWarnings("rawtypes")
@AutoService(Stage.class)
public final class SplitTasks implements Stage<SplitTasks.Parameters> {
  /** Which class comes when, where the groups do not say it. */
  public enum Order {
    /** As the data set numbers them. */
    NATURAL,
    /** Drawn from the run's seed. */
    DRAWN;

    @JsonValue
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** The tasks, and what of their training images is kept for validation. */
  public record Parameters(
      @Param(help = "tasks, of equally many classes", value = "5", min = 1, max = 10_000) int tasks,
      @Param(
              help = "the classes of each task, a list of lists of names; empty: equal tasks",
              value = "[]")
          List<List<String>> groups,
      @Param(
              help =
                  "which class comes when: natural, or drawn from the seed; groups say it themselves",
              value = "\"natural\"")
          Order order,
      @Param(
              help = "share of each task's training images that is kept for validation",
              value = "0.1",
              min = 0,
              max = 0.9)
          double validation) {
    /** Throws {@link Mistake} when the groups do not suit the other parameters or each other. */
    public Parameters {
      var seen = new HashSet<String>();
      for (List<String> group : groups) {
        if (group == null || group.isEmpty()) {
          throw new Mistake(
              "groups has a task without classes; expected names of classes in each.");
        }
        for (String name : group) {
          if (name == null || !seen.add(name)) {
            throw new Mistake("groups names class '" + name + "' twice; expected each class once.");
          }
        }
      }
      if (!groups.isEmpty() && groups.size() != tasks) {
        throw new Mistake(
            "groups has "
                + (groups.size() == 1 ? "1 task" : groups.size() + " tasks")
                + ", and tasks is "
                + tasks
                + "; expected the same number.");
      }
      if (!groups.isEmpty() && order == Order.DRAWN) {
        throw new Mistake(
            "order is 'drawn', and groups give an order too; expected one of the two.");
      }
      groups = groups.stream().map(List::copyOf).toList();
    }

    /**
     * How many classes each task has.
     *
     * @throws Mistake if these tasks do not cover these classes
     */
    List<Integer> sizes(List<String> classes) {
      if (groups.isEmpty()) {
        if (classes.size() % tasks != 0) {
          throw new Mistake(
              "tasks is "
                  + tasks
                  + ", which does not divide the "
                  + classes.size()
                  + " classes; expected one of "
                  + divisors(classes.size())
                  + ", or groups.");
        }
        return Collections.nCopies(tasks, classes.size() / tasks);
      }
      List<String> named = groups.stream().flatMap(List::stream).toList();
      for (String name : named) {
        if (!classes.contains(name)) {
          throw new Mistake("groups: " + Names.unknown("class", name, classes));
        }
      }
      for (String name : classes) {
        if (!named.contains(name)) {
          throw new Mistake("groups leaves out '" + name + "'; expected each class once.");
        }
      }
      return groups.stream().map(List::size).toList();
    }

    private static String divisors(int number) {
      return String.join(
          ", ",
          IntStream.rangeClosed(1, number)
              .filter(each -> number % each == 0)
              .mapToObj(Integer::toString)
              .toList());
    }

    /** The data set's labels in the order in which their classes are learned. */
    int[] order(List<String> classes, Randomness randomness) {
      if (!groups.isEmpty()) {
        return groups.stream().flatMap(List::stream).mapToInt(classes::indexOf).toArray();
      }
      return order == Order.DRAWN
          ? randomness.stream("classes").permutation(classes.size())
          : IntStream.range(0, classes.size()).toArray();
    }
  }

  @Override
  public String name() {
    return "split-tasks";
  }

  @Override
  public String summary() {
    return "Splits a data set by its classes into the tasks of a stream.";
  }

  @Override
  public Lane lane() {
    return Lane.CPU;
  }

  @Override
  public Class<Parameters> parameters() {
    return Parameters.class;
  }

  @Override
  public List<Port> inputs() {
    return List.of(
        Port.of("train", ArtifactType.DATASET, "the whole training set"),
        Port.of("test", ArtifactType.DATASET, "the whole test set"));
  }

  @Override
  public List<Port> outputs() {
    return List.of(
        Port.of("train", ArtifactType.DATASET, "what the tasks are learned from, task by task"),
        Port.of("validation", ArtifactType.DATASET, "what was kept of it for validation"),
        Port.of("test", ArtifactType.DATASET, "what the tasks are measured on, task by task"));
  }

  @Override
  public Map<String, Facts> foresee(Parameters parameters, Map<String, Facts> inputs) {
    Facts train = inputs.get("train");
    Facts test = inputs.get("test");
    if (train == null || test == null) {
      return Map.of();
    }
    List<Integer> sizes = parameters.sizes(new DataFacts(train).classes());
    new DataFacts(train).checkSameKind(new DataFacts(test));
    long images = new DataFacts(train).size();
    long kept = whole(parameters.validation() * images);
    return Map.of(
        "train", split(train, sizes, images - kept),
        "validation", split(train, sizes, kept),
        "test", split(test, sizes, new DataFacts(test).size()));
  }

  /** Which classes the tasks have is the seed's to draw, so these stand in their own order. */
  private static Facts split(Facts whole, List<Integer> sizes, long images) {
    var metadata = new HashMap<>(whole.metadata());
    metadata.put("tasks", Json.line(sizes));
    return new DataFacts(new Facts(metadata, whole.shapes())).with(images);
  }

  @Override
  public void run(Parameters parameters, StageContext context) {
    var train = new DataSet(context.tensors("train"));
    var test = new DataSet(context.tensors("test"));
    var randomness = Randomness.of(context.seed()).within("split-tasks");
    List<Integer> sizes = parameters.sizes(train.classes());
    int[] order = parameters.order(train.classes(), randomness);
    train.facts().checkSameKind(test.facts());
    DataSet learned = inOrder(train, order, sizes);
    DataSet measured = inOrder(test, order, sizes);
    long[] labels = learned.labels().longs();
    int[] left = kept(labels, order.length, parameters.validation());
    var training = IntStream.builder();
    var validation = IntStream.builder();
    var testing = IntStream.builder();
    for (int task = 1; task <= sizes.size(); task++) {
      int[] images = imagesOf(learned, task, "training");
      int[] shuffle = randomness.stream("images", task).permutation(images.length);
      int[] shuffled = IntStream.of(shuffle).map(i -> images[i]).toArray();
      boolean any = false;
      for (int image : shuffled) {
        boolean keep = left[(int) labels[image]]-- > 0;
        (keep ? validation : training).accept(image);
        any |= !keep;
      }
      if (!any) {
        throw new Mistake(
            "validation is "
                + parameters.validation()
                + ", which leaves task "
                + task
                + " no training image; expected a smaller share.");
      }
      IntStream.of(imagesOf(measured, task, "test")).forEach(testing);
    }
    context.write("validation", learned.pick(validation.build().toArray()).tensors());
    context.write("train", learned.pick(training.build().toArray()).tensors());
    context.write("test", measured.pick(testing.build().toArray()).tensors());
  }

  /** The same images under labels that count the classes in this order. */
  private static DataSet inOrder(DataSet data, int[] order, List<Integer> sizes) {
    long[] label = new long[order.length];
    for (int i = 0; i < order.length; i++) {
      label[order[i]] = i;
    }
    long[] labels = LongStream.of(data.labels().longs()).map(old -> label[(int) old]).toArray();
    List<String> names = IntStream.of(order).mapToObj(data.classes()::get).toList();
    var split =
        new Tensors.Builder()
            .put("images", data.images())
            .put("labels", Tensor.of(labels, labels.length));
    data.tensors().metadata().forEach(split::text);
    return new DataSet(
        split.text("classes", Json.line(names)).text("tasks", Json.line(sizes)).build());
  }

  /** The places of a task's images, which lie anywhere. */
  private static int[] imagesOf(DataSet data, int task, String what) {
    Task classes = data.facts().task(task);
    long[] labels = data.labels().longs();
    int[] places =
        IntStream.range(0, labels.length)
            .filter(i -> labels[i] >= classes.first() && labels[i] < classes.end())
            .toArray();
    if (places.length == 0) {
      throw new Mistake(
          "task "
              + task
              + " has no "
              + what
              + " image: the data set has none of "
              + String.join(", ", data.classes().subList(classes.first(), classes.end()))
              + "; expected at least one.");
    }
    return places;
  }

  /** How many images of each class are kept for validation: its share, up to one image. */
  private static int[] kept(long[] labels, int classes, double share) {
    int[] kept = new int[classes];
    for (long label : labels) {
      kept[(int) label]++;
    }
    // What rounding takes from one class the next one gives, so that the whole gives its share.
    int before = 0;
    for (int label = 0; label < classes; label++) {
      int upTo = before + kept[label];
      kept[label] = whole(share * upTo) - whole(share * before);
      before = upTo;
    }
    return kept;
  }

  /** How many whole images that is; 0.29 of 100 are 29. */
  private static int whole(double images) {
    return (int) (images + 1e-9);
  }
}
