package dev.palimpsest.worker;

import com.fasterxml.jackson.core.type.TypeReference;
import com.netflix.conductor.client.exception.ConductorClientException;
import com.netflix.conductor.client.http.ConductorClient;
import com.netflix.conductor.client.http.ConductorClientRequest;
import com.netflix.conductor.client.http.MetadataClient;
import com.netflix.conductor.client.http.TaskClient;
import com.netflix.conductor.client.http.WorkflowClient;
import com.netflix.conductor.common.metadata.tasks.TaskDef;
import com.netflix.conductor.common.metadata.tasks.TaskResult;
import dev.palimpsest.base.Json;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.tasks.Lane;
import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.tasks.Stage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tasks from a Conductor server.
 *
 * <p>One request a round asks for the length of every queue; only those that hold something are
 * polled, so that idle workers cost the server next to nothing.
 */
final class ConductorTasks implements TaskSource {
  private static final Logger LOG = LoggerFactory.getLogger(ConductorTasks.class);

  /** A worker is given up when it was silent for this long: longer than a server's restart. */
  private static final int RESPONSE_TIMEOUT_SECONDS = 180;

  private static final Duration PATIENCE = Duration.ofMinutes(10);

  private final ConductorClient client;
  private final TaskClient tasks;
  private final Reminder reminder;
  private final Origins origins;
  private final Stages stages;
  private final String worker;

  /** Queues are asked in turn, so that none waits behind another's tasks that go back. */
  private int turn;

  ConductorTasks(ConductorClient client, Stages stages, String worker) {
    this.client = client;
    this.tasks = new TaskClient(client);
    var workflows = new WorkflowClient(client);
    this.reminder = new Reminder(client, workflows, tasks);
    this.origins = new Origins(workflows, tasks);
    this.stages = stages;
    this.worker = worker;
  }

  /** Registers the task definition of every stage that this worker serves. */
  void register(Set<Lane> lanes) {
    var definitions = new ArrayList<TaskDef>();
    for (Lane lane : lanes) {
      for (String name : stages.in(lane)) {
        definitions.add(definition(stages.get(name)));
      }
    }
    Patience.of(PATIENCE).run(() -> new MetadataClient(client).registerTaskDefs(definitions));
  }

  private static TaskDef definition(Stage<?> stage) {
    return TaskDef.builder()
        .name(stage.name())
        .description(stage.summary())
        .ownerEmail("palimpsest@localhost.localdomain")
        .retryCount(20)
        .retryDelaySeconds(1)
        .retryLogic(TaskDef.RetryLogic.FIXED)
        .responseTimeoutSeconds(RESPONSE_TIMEOUT_SECONDS)
        .timeoutSeconds(0)
        .timeoutPolicy(TaskDef.TimeoutPolicy.RETRY)
        .build();
  }

  @Override
  public Optional<Task> poll(Set<Lane> lanes) {
    Map<String, Long> queued =
        client
            .execute(
                ConductorClientRequest.builder()
                    .method(ConductorClientRequest.Method.GET)
                    .path("/tasks/queue/all")
                    .build(),
                new TypeReference<Map<String, Long>>() {})
            .getData();
    List<Queue> waiting =
        lanes.stream()
            .flatMap(lane -> queues(lane).stream())
            .filter(queue -> queued.getOrDefault(queue.name(), 0L) > 0)
            .toList();
    for (int i = 0; i < waiting.size(); i++) {
      Queue queue = waiting.get((turn + i) % waiting.size());
      Optional<Task> task = poll(queue.stage(), queue.domain());
      if (task.isPresent()) {
        turn++;
        return task;
      }
    }
    return Optional.empty();
  }

  /** Where the server keeps a stage's tasks; the domain is empty for tasks that came without. */
  private record Queue(String stage, String domain) {
    String name() {
      return domain.isEmpty() ? stage : domain + ":" + stage;
    }
  }

  private List<Queue> queues(Lane lane) {
    return stages.in(lane).stream()
        .flatMap(stage -> Stream.of(new Queue(stage, lane.label()), new Queue(stage, "")))
        .toList();
  }

  private Optional<Task> poll(String stage, String domain) {
    List<com.netflix.conductor.common.metadata.tasks.Task> polled =
        domain.isEmpty()
            ? tasks.batchPollTasksByTaskType(stage, worker, 1, 0)
            : tasks.batchPollTasksInDomain(stage, domain, worker, 1, 0);
    return polled.stream().findFirst().map(this::task);
  }

  private Task task(com.netflix.conductor.common.metadata.tasks.Task task) {
    String workflow = task.getWorkflowInstanceId();
    // The task is this worker's now: a server that restarts is waited for.
    Origins.Origin origin = Patience.of(PATIENCE).get(() -> origins.of(workflow));
    return new Task(
        task.getTaskId(),
        workflow,
        origin.run(),
        RunJournal.within(origin.caller(), task.getReferenceTaskName()),
        task.getTaskDefName(),
        Json.tree(task.getInputData()),
        task.getRetryCount() + 1);
  }

  @Override
  public Optional<Task> held(String id) {
    return ours(id).map(this::task);
  }

  private Optional<com.netflix.conductor.common.metadata.tasks.Task> ours(String id) {
    try {
      return Optional.of(tasks.getTaskDetails(id)).filter(this::isOurs);
    } catch (ConductorClientException e) {
      if (e.getStatus() == 404) {
        return Optional.empty();
      }
      throw e;
    }
  }

  @Override
  public List<Task> handed(Set<Lane> lanes) {
    List<String> served = lanes.stream().flatMap(lane -> stages.in(lane).stream()).toList();
    return reminder
        .running()
        .flatMap(workflow -> workflow.getTasks().stream())
        .filter(task -> served.contains(task.getTaskDefName()) && isOurs(task))
        .map(this::task)
        .toList();
  }

  @Override
  public void remind() {
    reminder.remind();
  }

  private boolean isOurs(com.netflix.conductor.common.metadata.tasks.Task task) {
    return task.getStatus() == com.netflix.conductor.common.metadata.tasks.Task.Status.IN_PROGRESS
        && worker.equals(task.getWorkerId());
  }

  @Override
  public void extend(Task task) {
    TaskResult result = result(task, TaskResult.Status.IN_PROGRESS);
    result.setExtendLease(true);
    tasks.updateTask(result);
  }

  @Override
  public void giveBack(Task task, Duration delay, String why) {
    TaskResult result = result(task, TaskResult.Status.IN_PROGRESS);
    result.setCallbackAfterSeconds(delay.toSeconds());
    result.setReasonForIncompletion(why);
    var repeated = new AtomicBoolean();
    update(
        result,
        // A server that took it before it was killed may have handed the task to another.
        () -> !repeated.getAndSet(true) || ours(task.id()).isPresent());
  }

  @Override
  public void complete(Task task, Map<String, Reference> outputs, Map<String, Object> about) {
    TaskResult result = result(task, TaskResult.Status.COMPLETED);
    var data = new HashMap<String, Object>();
    outputs.forEach((name, reference) -> data.put(name, Json.tree(reference)));
    data.put("palimpsest", Json.tree(about));
    result.setOutputData(data);
    update(result);
  }

  @Override
  public void fail(Task task, String sentence) {
    TaskResult result = result(task, TaskResult.Status.FAILED_WITH_TERMINAL_ERROR);
    result.setReasonForIncompletion(sentence);
    update(result);
  }

  @Override
  public void log(Task task, String line) {
    try {
      tasks.logMessageForTask(task.id(), line);
    } catch (ConductorClientException e) {
      // A log line is not worth a retry; progress and results have their own ways.
      LOG.info("A line of task {}'s log was lost: {}", task.reference(), e.getMessage());
    }
  }

  private TaskResult result(Task task, TaskResult.Status status) {
    var result = new TaskResult();
    result.setTaskId(task.id());
    result.setWorkflowInstanceId(task.workflow());
    result.setWorkerId(worker);
    result.setStatus(status);
    return result;
  }

  /** An answer outlives a restart of the server; one that the server no longer wants is dropped. */
  private void update(TaskResult result) {
    update(result, () -> true);
  }

  /**
   * As {@link #update(TaskResult)}.
   *
   * @param wanted asked before each attempt
   */
  private void update(TaskResult result, BooleanSupplier wanted) {
    Supplier<Boolean> send =
        () -> {
          try {
            if (wanted.getAsBoolean()) {
              tasks.updateTask(result);
            }
          } catch (ConductorClientException e) {
            if (e.getStatus() != 404) {
              throw e;
            }
            LOG.info("Conductor no longer knows task {}", result.getTaskId());
          }
          return true;
        };
    Patience.of(PATIENCE).get(send);
  }
}
