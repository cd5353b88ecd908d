package dev.palimpsest.worker;

import com.netflix.conductor.client.exception.ConductorClientException;
import com.netflix.conductor.client.http.ConductorClient;
import com.netflix.conductor.client.http.ConductorClientRequest;
import com.netflix.conductor.client.http.TaskClient;
import com.netflix.conductor.client.http.WorkflowClient;
import com.netflix.conductor.common.metadata.tasks.Task;
import com.netflix.conductor.common.metadata.tasks.TaskResult;
import com.netflix.conductor.common.run.Workflow;
import com.netflix.conductor.common.utils.TaskUtils;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reminds Conductor of what it may have forgotten: a server that was killed, or whose database did
 * not answer, knows every task and every workflow, but not that one of them is to be looked at.
 */
final class Reminder {
  private static final Logger LOG = LoggerFactory.getLogger(Reminder.class);
  private static final int MOST_RUNNING = 200;

  private final ConductorClient client;
  private final WorkflowClient workflows;
  private final TaskClient tasks;

  /** The joins that had nothing left to wait for at the last look. */
  private Set<String> due = Set.of();

  Reminder(ConductorClient client, WorkflowClient workflows, TaskClient tasks) {
    this.client = client;
    this.workflows = workflows;
    this.tasks = tasks;
  }

  /** The workflows that run now, with their tasks. */
  Stream<Workflow> running() {
    return workflows.search(0, MOST_RUNNING, "", "*", "status IN (RUNNING)").getResults().stream()
        .flatMap(found -> workflow(found.getWorkflowId()).stream());
  }

  /** A workflow with its tasks; none if it was removed meanwhile. */
  private Optional<Workflow> workflow(String id) {
    try {
      return Optional.of(workflows.getWorkflow(id, true));
    } catch (ConductorClientException e) {
      if (e.getStatus() == 404) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /**
   * Makes Conductor evaluate every running workflow and queue again what is in no queue. A join
   * that is due is evaluated within seconds; one that was due at the last look too is held by a
   * server that died, for an hour, and is queued again.
   */
  void remind() {
    var dueNow = new HashSet<String>();
    running()
        .forEach(workflow -> {
          List<Task> joins = due(workflow);
          joins.forEach(join -> dueNow.add(join.getTaskId()));
          try {
            workflows.runDecider(workflow.getWorkflowId());
            joins.stream().filter(join -> due.contains(join.getTaskId())).forEach(this::requeue);
            repair(workflow.getWorkflowId());
          } catch (ConductorClientException e) {
            LOG.info("Workflow {} is not looked at: {}", workflow.getWorkflowId(), e.getMessage());
          }
        });
    due = dueNow;
  }

  private void repair(String workflow) {
    client.execute(
        ConductorClientRequest.builder()
            .method(ConductorClientRequest.Method.POST)
            .path("/admin/consistency/verifyAndRepair/" + workflow)
            .build());
  }

  private static List<Task> due(Workflow workflow) {
    return workflow.getTasks().stream()
        .filter(task ->
            task.getTaskType().equals("JOIN")
                && task.getStatus() == Task.Status.IN_PROGRESS
                && waitedFor(task).allMatch(name -> ended(workflow, name)))
        .toList();
  }

  private static Stream<String> waitedFor(Task join) {
    return ((Collection<?>) join.getInputData().getOrDefault("joinOn", List.of()))
        .stream()
            .map(String::valueOf)
            .map(name ->
                join.isLoopOverTask()
                    ? TaskUtils.appendIteration(name, join.getIteration())
                    : name);
  }

  private static boolean ended(Workflow workflow, String task) {
    Task found = workflow.getTaskByRefName(task);
    return found != null && found.getStatus().isTerminal();
  }

  private void requeue(Task join) {
    LOG.info(
        "Join {} of workflow {} stands still and is queued again",
        join.getReferenceTaskName(),
        join.getWorkflowInstanceId());
    var result = new TaskResult(join);
    result.setStatus(TaskResult.Status.IN_PROGRESS);
    result.setCallbackAfterSeconds(0);
    tasks.updateTask(result);
  }
}
