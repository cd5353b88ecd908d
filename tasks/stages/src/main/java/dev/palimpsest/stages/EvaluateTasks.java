package dev.palimpsest.stages;

import com.google.auto.service.AutoService;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Net;
import dev.palimpsest.methods.learners.Learner;
import dev.palimpsest.methods.learners.Memory;
import dev.palimpsest.methods.learners.Recall;
import dev.palimpsest.methods.learners.Task;
import dev.palimpsest.methods.measures.RecallAccuracy;
import dev.palimpsest.spec.Choice;
import dev.palimpsest.spec.Kind;
import dev.palimpsest.spec.Methods;
import dev.palimpsest.spec.Param;
import dev.palimpsest.tasks.ArtifactType;
import dev.palimpsest.tasks.Facts;
import dev.palimpsest.tasks.Lane;
import dev.palimpsest.tasks.Port;
import dev.palimpsest.tasks.Stage;
import dev.palimpsest.tasks.StageContext;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** Measures a network on the tasks of a stream: one row of the accuracy matrix. */
@SuppressWarnings("rawtypes")
@AutoService(Stage.class)
public final class EvaluateTasks implements Stage<EvaluateTasks.Parameters> {
  /** The learner and how far it is. */
  public record Parameters(
      @Param(help = "continual learner", value = "\"naive\"", choose = Kind.LEARNER) Choice learner,
      @Param(help = "tasks learned so far; 0: the network as drawn", min = 0, max = 1000)
          int task) {}

  @Override
  public String name() {
    return "evaluate-tasks";
  }

  @Override
  public String summary() {
    return "Class- and task-incremental accuracy of a network on each task of a stream.";
  }

  @Override
  public Lane lane() {
    return Lane.GPU;
  }

  @Override
  public Class<Parameters> parameters() {
    return Parameters.class;
  }

  @Override
  public List<Port> inputs() {
    return List.of(
        Port.of("checkpoint", ArtifactType.CHECKPOINT, "the network"),
        Port.of("test", ArtifactType.DATASET, "the split test set"),
        Port.optional("memory", ArtifactType.MEMORY, "what the learner kept"));
  }

  @Override
  public List<Port> outputs() {
    return List.of(Port.of("row", ArtifactType.RESULT, "accuracy on every task"));
  }

  @Override
  public Map<String, Facts> foresee(Parameters parameters, Map<String, Facts> inputs) {
    if (inputs.containsKey("test") && parameters.task() != StreamTask.WHOLE) {
      new DataFacts(inputs.get("test")).task(parameters.task());
    }
    return Map.of();
  }

  @Override
  public void run(Parameters parameters, StageContext context) {
    var methods = Methods.load();
    run(
        methods.get(Kind.LEARNER, parameters.learner().method(), Learner.class),
        methods,
        parameters,
        context);
  }

  private static <P extends Record> void run(
      Learner<P> learner, Methods methods, Parameters parameters, StageContext context) {
    Tensors checkpoint = context.tensors("checkpoint");
    var test = new DataSet(context.tensors("test"));
    Checkpoint.takes(checkpoint, test);
    List<Integer> sizes = test.tasks();
    int classes = Checkpoint.classes(checkpoint);
    Heads heads = classes == test.classes().size() ? Heads.FIXED : Heads.GROWING;
    int learned = parameters.task();
    int seen = learned == 0 ? 0 : Task.of(sizes, learned).seen();
    Memory memory = StreamTask.memory(context);
    P bound = methods.bind(learner, parameters.learner());
    var classIncremental = new ArrayList<Double>();
    var taskIncremental = new ArrayList<Double>();
    var ahead = new ArrayList<Double>();
    var bare = new ArrayList<Double>();
    try (Compute compute = Compute.open(context.device(), context.numerics().threads());
        Net net = Checkpoint.load(checkpoint, compute);
        Recall recall =
            learned == 0
                ? Recall.of(net)
                : learner.recall(bound, net, memory, Task.of(sizes, learned))) {
      for (int number = 1; number <= sizes.size(); number++) {
        Task task = Task.of(sizes, number);
        if (task.end() > classes) {
          continue;
        }
        try (Images images = test.task(number).on(compute)) {
          RecallAccuracy accuracy =
              RecallAccuracy.of(recall, net.precision(), images, task, seen, context::step);
          if (number > learned) {
            ahead.add(accuracy.taskIncremental());
          } else {
            classIncremental.add(accuracy.classIncremental());
            taskIncremental.add(accuracy.taskIncremental());
            accuracy.bare().ifPresent(bare::add);
          }
        }
      }
      context.write(
          "row",
          new AccuracyRow(
              learned,
              sizes.size(),
              learner.name(),
              heads.label(),
              classIncremental,
              taskIncremental,
              ahead,
              bare,
              IntStream.rangeClosed(1, sizes.size()).mapToObj(n -> test.task(n).size()).toList(),
              kept(net, memory)));
    }
  }

  private static List<AccuracyRow.Kept> kept(Net net, Memory memory) {
    var kept = new ArrayList<AccuracyRow.Kept>();
    kept.add(kept(AccuracyRow.Kept.NETWORK, net.state().tensors()));
    Map<String, Map<String, Tensor>> parts = new LinkedHashMap<>();
    memory
        .tensors()
        .tensors()
        .forEach((name, tensor) ->
            parts
                .computeIfAbsent(name.substring(0, name.indexOf('.')), p -> new LinkedHashMap<>())
                .put(name, tensor));
    parts.forEach((part, tensors) -> kept.add(kept(part, tensors)));
    return kept;
  }

  private static AccuracyRow.Kept kept(String part, Map<String, Tensor> tensors) {
    long numbers = 0;
    long bytes = 0;
    for (Tensor tensor : tensors.values()) {
      bytes += tensor.elements() * tensor.type().bytes();
      boolean floating = tensor.type() == Tensor.Type.F32 || tensor.type() == Tensor.Type.F64;
      numbers += floating ? tensor.elements() : 0;
    }
    return new AccuracyRow.Kept(
        part,
        numbers,
        bytes,
        Optional.ofNullable(tensors.get(part + ".labels")).map(Tensor::elements));
  }
}
