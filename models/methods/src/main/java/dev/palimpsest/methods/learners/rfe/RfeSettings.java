package dev.palimpsest.methods.learners.rfe;

/**
 * What distinguishes the learners of this family.
 *
 * @param lambda weight of the pull towards former features (regularize_weight)
 * @param drift whether the former network's running statistics drift while the next task is learned
 * @param buffer samples kept at most; 0: none
 * @param lastTaskOnly whether they are of the newest task alone
 */
record RfeSettings(
    double lambda, boolean drift, ModuleSettings modules, int buffer, boolean lastTaskOnly) {
  static final String LAMBDA = "weight of the pull towards the former features (regularize_weight)";
  static final String DRIFT =
      "as in the published code, let the former network's running statistics drift to the new task";
}
