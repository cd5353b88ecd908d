package dev.palimpsest.methods.learners;

import dev.palimpsest.tensors.Tensors;
import java.util.Optional;

/**
 * What is kept of the former task.
 *
 * @param network the state dict with which the new task starts
 * @param fisher the Fisher information by parameter name; see {@link FisherInformation}
 */
public record Past(Tensors network, Optional<Tensors> fisher) {}
