package dev.palimpsest.worker;

import com.netflix.conductor.client.http.TaskClient;
import com.netflix.conductor.client.http.WorkflowClient;
import com.netflix.conductor.common.run.Workflow;
import dev.palimpsest.base.RecentlyUsed;
import dev.palimpsest.tasks.RunJournal;
import java.util.Map;

/** Tells which run a workflow belongs to: its tasks are written into that run's journal. */
final class Origins {
  private static final int MOST_KEPT = 1000;

  private final WorkflowClient workflows;
  private final TaskClient tasks;
  private final Map<String, Origin> known = RecentlyUsed.map(MOST_KEPT);

  Origins(WorkflowClient workflows, TaskClient tasks) {
    this.workflows = workflows;
    this.tasks = tasks;
  }

  /**
   * Where a workflow stands.
   *
   * @param run the run
   * @param caller the path of the task that runs the workflow; empty for the run itself
   */
  record Origin(String run, String caller) {}

  Origin of(String workflow) {
    Origin origin = known.get(workflow);
    if (origin == null) {
      origin = asked(workflow);
      known.put(workflow, origin);
    }
    return origin;
  }

  private Origin asked(String id) {
    Workflow workflow = workflows.getWorkflow(id, false);
    String parent = workflow.getParentWorkflowId();
    if (parent == null || parent.isEmpty()) {
      return new Origin(id, "");
    }
    Origin above = of(parent);
    String call = tasks.getTaskDetails(workflow.getParentWorkflowTaskId()).getReferenceTaskName();
    return new Origin(above.run(), RunJournal.within(above.caller(), call));
  }
}
