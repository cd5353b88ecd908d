package dev.palimpsest.workflows;

import com.fasterxml.jackson.annotation.JsonValue;

/**
 * What can be wrong with a definition or its inputs. A code keeps its number and meaning for good;
 * {@code docs/check.md} is made from these sentences.
 */
public enum FindingCode {
  NOT_JSON(101, "The text is not valid JSON.", "Put right what stands at the line and column."),
  NO_DEFINITION(
      102,
      "The JSON is no Conductor workflow: it is no object, or has no name.",
      "Give an object with `name`, `version` and `tasks`."),
  UNKNOWN_FIELD(
      103,
      "A field of the workflow or of a task means nothing there. Conductor would pass over it"
          + " without a word.",
      "Correct the name, or remove the field."),
  WRONG_FIELD(
      104,
      "A field of the workflow or of a task has a value that it cannot have: another type, `null`,"
          + " or a number out of range.",
      "Give a value of the kind that the finding names."),
  NO_TASKS(105, "The workflow has no tasks.", "Give at least one task."),
  TOO_LARGE(
      106,
      "The definition or the inputs are larger than Conductor or this check takes: 1,000 tasks, 16"
          + " levels of forks, loops and switches, 5 MB of inputs, 1,000 branches of a sweep.",
      "Split the study; data belong into artifacts, never into inputs."),
  OWN_NAME(
      107,
      "A definition that is kept beside the shipped ones has the name of one of these, or a name"
          + " that cannot be kept.",
      "Give it a name of letters, digits, `_` and `-` that no shipped definition has."),

  BAD_REFERENCE_NAME(
      201,
      "A task has no `taskReferenceName`, or one that expressions cannot name. `__` is Conductor's"
          + " own: it marks the iterations of a loop.",
      "Start with a letter; go on with letters, digits, `_` or `-`, without `__`."),
  REPEATED_REFERENCE_NAME(
      202,
      "Two tasks have the same `taskReferenceName`, or a sweep would make such a one.",
      "Rename one of them."),
  TASK_TYPE(
      203,
      "Tasks of this type are refused: they would run code of the definition's own, reach other"
          + " addresses, wait for people, or hide work from the run's record.",
      "Use SIMPLE (a stage), FORK_JOIN, FORK_JOIN_DYNAMIC, JOIN, DO_WHILE, SWITCH, SUB_WORKFLOW,"
          + " SET_VARIABLE, or JSON_JQ_TRANSFORM with a template."),
  FIELD_OF_ANOTHER_TYPE(
      204, "A field belongs to tasks of another type.", "Remove it, or change the type."),
  EMPTY_FORK(205, "A fork has no branches, or a branch has no tasks.", "Fill or remove it."),
  FORK_WITHOUT_JOIN(
      206,
      "Behind a fork stands no join: what follows would not wait for the branches.",
      "Put a JOIN directly behind the fork."),
  JOIN_WITHOUT_FORK(207, "A join does not stand directly behind a fork.", "Move or remove it."),
  JOIN_ON(
      208,
      "A join waits for other tasks than the last one of each branch, or a branch ends with a"
          + " SWITCH, for whose end nothing can wait.",
      "Name the last task of each branch in `joinOn`; behind a dynamic fork leave it empty."),
  UNBOUNDED_LOOP(
      209,
      "The condition of a loop is not one that certainly ends.",
      "Write `$.REF['iteration'] < 5`, or `< $.n` with an input parameter `n`, where REF is the"
          + " loop's own reference name."),
  LOOP_BOUND(210, "The bound of a loop is no integer from 1 to 1,000.", "Give such a number."),
  NESTED_LOOP(
      211,
      "Within a loop stands another loop or a dynamic fork, which Conductor cannot repeat.",
      "Put it into a sub-workflow and call that."),
  BAD_SWITCH(
      212,
      "A SWITCH has no cases, or decides by code instead of by a value.",
      "Give `evaluatorType` `value-param`, as `expression` the name of an input parameter, and"
          + " `decisionCases`."),
  UNKNOWN_TEMPLATE(
      213,
      "A JSON_JQ_TRANSFORM is not named after a template. Queries of your own are refused.",
      "Name the task after a template of `docs/definitions.md`."),
  TEMPLATE_QUERY(
      214,
      "The `queryExpression` is not that of the template.",
      "Leave it out: it is filled in when the workflow is registered."),
  TEMPLATE_INPUT(
      215, "An input of a template is missing, unknown or wrong.", "See `docs/definitions.md`."),
  DYNAMIC_FORK(
      216,
      "A dynamic fork does not take its tasks from a sweep template.",
      "Give `tasks` and `inputs` as `${SWEEP.output.result.tasks}` and"
          + " `${SWEEP.output.result.inputs}` of an earlier sweep."),
  UNKNOWN_WORKFLOW(
      217,
      "There is no such sub-workflow: not in the definition's `subWorkflows`, not as NAME.json"
          + " beside it, not among those that come with Palimpsest.",
      "Correct the name, or write the definition."),
  RECURSIVE_WORKFLOW(218, "A sub-workflow calls itself, perhaps through others.", "Use a loop."),
  WORKFLOW_VERSION(
      219,
      "A sub-workflow is called with another version than its definition has.",
      "Correct the version, or leave it out."),
  NO_CASE(
      220,
      "A SWITCH without `defaultCase` decides by a value that is none of its cases.",
      "Correct the value, or give a `defaultCase`: an empty one does nothing otherwise."),

  BROKEN_EXPRESSION(
      301,
      "A text holds `${` and is not one whole expression.",
      "Write `${task.output.port}` or `${workflow.input.name}`, with nothing around it."),
  UNKNOWN_TASK(302, "An expression names a task that is not there.", "Correct the name."),
  NOT_ENDED(
      303,
      "An expression names a task that has not certainly ended there: a later one, the task itself,"
          + " one of another branch, or one that only some cases of a SWITCH run.",
      "Refer to an earlier task of the same branch, or to one that a join waited for. What the"
          + " cases of a SWITCH make is handed on by a SET_VARIABLE in each."),
  UNKNOWN_OUTPUT(304, "A task has no such output.", "Correct the name."),
  WRONG_ARTIFACT(
      305,
      "What stands at an input is no artifact of its type.",
      "Refer to an output of the type that the finding names."),
  UNKNOWN_INPUT(
      306,
      "An expression names an input that the workflow does not declare or was not given.",
      "Correct the name, or add it to `inputParameters`."),
  UNKNOWN_VARIABLE(
      307,
      "An expression names a variable that no SET_VARIABLE has certainly set there.",
      "Set it before; in every case of a SWITCH and not in a branch of a fork."),
  CHANGED_VARIABLE(
      308,
      "A variable is set to another type of artifact than before.",
      "Use two variables, or the same type."),
  FOREIGN_EXPRESSION(
      309,
      "An expression reads something else than outputs, inputs and variables, or reads them where"
          + " it cannot.",
      "Write `${task.output.port}`, `${workflow.input.name}` or `${workflow.variables.name}`."),

  UNKNOWN_STAGE(401, "There is no such stage.", "Correct the name."),
  UNKNOWN_CALL_FIELD(
      402,
      "A stage takes `parameters`, `inputs`, `seed` and `numerics`, and nothing else.",
      "Correct the name; parameters stand within `parameters`."),
  UNKNOWN_PARAMETER(403, "The stage or method has no such parameter.", "Correct the name."),
  MISSING_PARAMETER(404, "A parameter without a default is missing.", "Give it."),
  WRONG_PARAMETER(
      405, "A parameter has another type, or is out of its range.", "See what was expected."),
  UNKNOWN_METHOD(406, "There is no such method of this kind.", "Correct the name."),
  PARAMETERS_TOGETHER(
      407,
      "Each parameter is right by itself, but together they are not. Some of these rules need the"
          + " data and are checked by the stage alone.",
      "See what was expected."),
  SEED(
      408,
      "The seed is missing or no integer within ±(2^53 - 1).",
      "Give `${workflow.input.seed}`, or a number."),
  NUMERICS(
      409,
      "The numerics are not those of any computation.",
      "Give device, threads, instructions and engine, or leave them out."),
  UNKNOWN_PORT(410, "The stage has no such input.", "Correct the name."),
  MISSING_ARTIFACT(411, "An input that the stage needs is missing.", "Refer to an artifact."),
  PARAMETERS_AND_INPUTS(
      412,
      "The parameters do not fit what the stage is given: tasks that do not cover the classes, a"
          + " task that there is not, a buffer larger than the data. In a loop the last iteration is"
          + " looked at.",
      "See what was expected."),

  INPUT_MISSING(
      501, "The workflow needs an input that has no default and was not given.", "Give it."),
  INPUT_NOT_TAKEN(502, "The workflow declares no such input.", "Correct the name."),
  INPUT_NOT_READ(
      503,
      "A field within an input is neither among the defaults nor read by any task: it would change"
          + " nothing.",
      "Correct the name, or remove it."),
  BAD_STUDY(504, "The study's file or its data folder is wrong.", "See what was expected."),

  UNREGISTERED(
      901,
      "No worker has ever registered this stage with the Conductor that was asked: the run would"
          + " wait until one does.",
      "Start a worker that serves the stage's lane."),
  UNSERVED_LANE(
      902,
      "No worker that lives serves this lane: the run would wait for one.",
      "Start a worker with `--lanes` that hold it.");

  private final int number;
  private final String meaning;
  private final String remedy;

  FindingCode(int number, String meaning, String remedy) {
    this.number = number;
    this.meaning = meaning;
    this.remedy = remedy;
  }

  /** {@code PAL101}. */
  @JsonValue
  public String label() {
    return "PAL" + number;
  }

  /** What is wrong, in Markdown. */
  public String meaning() {
    return meaning;
  }

  /** What to do, in Markdown. */
  public String remedy() {
    return remedy;
  }

  /** A warning does not keep a definition from running. */
  public boolean warning() {
    return number >= 900;
  }
}
