package dev.palimpsest.workflows.client;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.netflix.conductor.client.exception.ConductorClientException;
import com.netflix.conductor.client.http.ConductorClient;
import com.netflix.conductor.client.http.ConductorClientRequest;
import com.netflix.conductor.client.http.MetadataClient;
import com.netflix.conductor.client.http.TaskClient;
import com.netflix.conductor.client.http.WorkflowClient;
import com.netflix.conductor.common.config.ObjectMapperProvider;
import com.netflix.conductor.common.metadata.tasks.PollData;
import com.netflix.conductor.common.metadata.tasks.Task;
import com.netflix.conductor.common.metadata.tasks.TaskDef;
import com.netflix.conductor.common.metadata.workflow.StartWorkflowRequest;
import com.netflix.conductor.common.metadata.workflow.WorkflowDef;
import com.netflix.conductor.common.run.Workflow;
import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** A Conductor server: registers definitions, starts runs, tells how they are. */
public final class Conductor implements AutoCloseable {
  private static final ObjectMapper MAPPER = new ObjectMapperProvider().getObjectMapper();

  private static final Set<String> GOING = Set.of("RUNNING", "PAUSED");

  private final String url;
  private final ConductorClient client;
  private final WorkflowClient workflows;
  private final MetadataClient metadata;
  private final TaskClient tasks;

  private Conductor(String url, ConductorClient client) {
    this.url = url;
    this.client = client;
    this.workflows = new WorkflowClient(client);
    this.metadata = new MetadataClient(client);
    this.tasks = new TaskClient(client);
  }

  /**
   * Connects to a server; nothing is sent yet.
   *
   * @param url such as {@code http://127.0.0.1:8080}, without {@code /api}
   * @param token sent as a bearer token; empty for none
   */
  public static Conductor at(String url, String token) {
    var builder = ConductorClient.builder().basePath(url.replaceAll("/+$", "") + "/api");
    if (!token.isEmpty()) {
      builder.addHeaderSupplier(new Bearer(token));
    }
    return new Conductor(
        url, builder.connectTimeout(5_000).readTimeout(30_000).writeTimeout(30_000).build());
  }

  /** Where it is. */
  public String url() {
    return url;
  }

  /** The stages that some worker has registered here. */
  public Set<String> registeredStages() {
    return call(() -> {
      var names = new HashSet<String>();
      for (TaskDef definition : metadata.getAllTaskDefs()) {
        names.add(definition.getName());
      }
      return names;
    });
  }

  /** How many tasks each queue holds, by its name: {@code lane:stage}, or the stage alone. */
  public Map<String, Long> queued() {
    var all = new TypeReference<Map<String, Long>>() {};
    return call(() ->
        client
            .execute(
                ConductorClientRequest.builder()
                    .method(ConductorClientRequest.Method.GET)
                    .path("/tasks/queue/all")
                    .build(),
                all)
            .getData());
  }

  /** When a worker last asked for this stage, in milliseconds of its clock; empty if never. */
  public Optional<Long> lastPoll(String stage) {
    return call(() ->
        tasks.getPollData(stage).stream().map(PollData::getLastPollTime).max(Long::compareTo));
  }

  /**
   * Registers a definition, which replaces the registered one of its name and version.
   *
   * @param called its sub-workflows
   */
  public void register(ObjectNode definition, List<ObjectNode> called) {
    var all = new ArrayList<WorkflowDef>();
    called.forEach(each -> all.add(MAPPER.convertValue(each, WorkflowDef.class)));
    all.add(MAPPER.convertValue(definition, WorkflowDef.class));
    call(() -> {
      metadata.updateWorkflowDefs(all);
      return true;
    });
  }

  /**
   * Registers the sub-workflows and starts a run.
   *
   * @param called the sub-workflows, each behind those that it calls
   * @param register whether the definition replaces the registered one of its name and version
   */
  public String start(
      ObjectNode definition,
      List<ObjectNode> called,
      JsonNode inputs,
      Map<String, String> domains,
      boolean register) {
    WorkflowDef workflow = MAPPER.convertValue(definition, WorkflowDef.class);
    var registered = new ArrayList<WorkflowDef>();
    called.forEach(each -> registered.add(MAPPER.convertValue(each, WorkflowDef.class)));
    if (register) {
      registered.add(workflow);
    }
    return call(() -> {
      if (!registered.isEmpty()) {
        metadata.updateWorkflowDefs(registered);
      }
      var request = new StartWorkflowRequest();
      request.setName(workflow.getName());
      request.setVersion(workflow.getVersion());
      request.setWorkflowDef(workflow);
      request.setInput(MAPPER.convertValue(inputs, new TypeReference<Map<String, Object>>() {}));
      request.setTaskToDomain(domains);
      return workflows.startWorkflow(request);
    });
  }

  /**
   * A task that Conductor has scheduled.
   *
   * @param called the sub-workflow that it runs
   */
  public record Scheduled(
      String id,
      String reference,
      String stage,
      String status,
      int attempt,
      boolean polled,
      String worker,
      long started,
      long ended,
      Optional<String> reason,
      Optional<String> called,
      JsonNode outputs) {}

  /**
   * A run as Conductor sees it.
   *
   * @param ended milliseconds since 1970; 0 while it goes on
   * @param tasks in the order in which they were scheduled
   */
  public record Snapshot(
      String run,
      String study,
      String status,
      Optional<String> reason,
      long ended,
      List<Scheduled> tasks) {}

  /** How a run is; empty if Conductor knows none of this id. */
  public Optional<Snapshot> find(String run) {
    try {
      return Optional.of(snapshot(run));
    } catch (Mistake e) {
      if (e.getCause() instanceof ConductorClientException cause && cause.getStatus() == 404) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** How a run is; {@link Mistake} if there is none of this id. */
  public Snapshot snapshot(String run) {
    Workflow workflow = call(() -> workflows.getWorkflow(run, true), "run '" + run + "'");
    var scheduled = new ArrayList<Scheduled>();
    for (Task task : workflow.getTasks()) {
      scheduled.add(
          new Scheduled(
              task.getTaskId(),
              task.getReferenceTaskName(),
              task.getTaskDefName(),
              task.getStatus().name(),
              task.getRetryCount() + 1,
              task.getPollCount() > 0,
              Optional.ofNullable(task.getWorkerId()).orElse(""),
              task.getStartTime(),
              task.getEndTime(),
              Optional.ofNullable(task.getReasonForIncompletion()),
              Optional.ofNullable(task.getSubWorkflowId()).filter(id -> !id.isEmpty()),
              Json.tree(Optional.ofNullable(task.getOutputData()).orElse(Map.of()))));
    }
    return new Snapshot(
        run,
        workflow.getWorkflowName(),
        workflow.getStatus().name(),
        Optional.ofNullable(workflow.getReasonForIncompletion()),
        workflow.getEndTime(),
        scheduled);
  }

  /** Forgets a run and its sub-workflows; nothing happens if Conductor knows none of this id. */
  public void remove(String run) {
    Optional<Snapshot> known = find(run);
    if (known.isPresent()) {
      known.get().tasks().forEach(task -> task.called().ifPresent(this::remove));
      call(
          () -> {
            workflows.deleteWorkflow(run, false);
            return true;
          },
          "run '" + run + "'");
    }
  }

  /** Cancels a run; false if it had ended before: then nothing happens. */
  public boolean cancel(String run, String why) {
    // Conductor cancels a cancelled run again without a word.
    if (!GOING.contains(snapshot(run).status())) {
      return false;
    }
    return call(
        () -> {
          try {
            workflows.terminateWorkflow(run, why);
            return true;
          } catch (ConductorClientException e) {
            if (e.getStatus() != 409) {
              throw e;
            }
            return false;
          }
        },
        "run '" + run + "'");
  }

  /**
   * Goes on with a run that failed or was cancelled, at the tasks that did; those that ended well
   * stay as they are.
   */
  public void retry(String run) {
    call(
        () -> {
          workflows.retryLastFailedTask(run, true);
          return true;
        },
        "to retry run '" + run + "'");
  }

  /** What a task was given; empty if Conductor does not know it. */
  public Optional<JsonNode> input(String task) {
    try {
      return Optional.of(call(() -> Json.tree(tasks.getTaskDetails(task).getInputData())));
    } catch (Mistake e) {
      return Optional.empty();
    }
  }

  /** A line of a task's log. */
  public record LogLine(long time, String text) {}

  /** The log of a task, oldest line first. */
  public List<LogLine> log(String task) {
    return call(() ->
        Optional.ofNullable(tasks.getTaskLogs(task)).orElse(List.of()).stream()
            .map(log -> new LogLine(log.getCreatedTime(), log.getLog()))
            .sorted(java.util.Comparator.comparingLong(LogLine::time))
            .toList());
  }

  /** Whether it answers. */
  public boolean answers() {
    try {
      metadata.getAllTaskDefs();
      return true;
    } catch (ConductorClientException e) {
      return false;
    }
  }

  private <T> T call(Supplier<T> request) {
    return call(request, "the request");
  }

  private <T> T call(Supplier<T> request, String what) {
    try {
      return request.get();
    } catch (ConductorClientException e) {
      if (e.getStatus() > 0 && !Answer.isConductors(e)) {
        String sentence =
            "The server at "
                + url
                + " gave no answer of Conductor's (HTTP "
                + e.getStatus()
                + "); expected a Conductor server there.";
        // A proxy says these while Conductor restarts behind it.
        throw e.getStatus() >= 502 && e.getStatus() <= 504
            ? Failure.passing(sentence, e)
            : new Failure(sentence, e);
      }
      if (e.getStatus() == 404) {
        throw new Mistake("Conductor at " + url + " does not know " + what + ".", e);
      }
      if (e.getStatus() >= 400 && e.getStatus() < 500) {
        throw new Mistake(
            "Conductor at " + url + " refuses " + what + ": " + Answer.line(e.getMessage()), e);
      }
      if (e.getStatus() > 0) {
        throw Failure.passing(
            "Conductor at " + url + " fails at " + what + ": " + Answer.line(e.getMessage()), e);
      }
      throw Failure.passing(
          "Conductor at "
              + url
              + " cannot be reached: "
              + Answer.line(e.getMessage())
              + "; expected a server there.",
          e);
    }
  }

  @Override
  public void close() {
    client.shutdown();
  }
}
