package dev.palimpsest.tasks;

import dev.palimpsest.base.Mistake;

/**
 * What decides the bits of a computation besides code and inputs: part of every key.
 *
 * @param device {@code cpu}, or the kind of GPU
 * @param threads intra-operation threads of the engine
 * @param instructions CPU instruction set that kernels are held to ({@code avx2}), or {@code
 *     native} with the processor's name
 * @param engine engine and version, {@code pytorch-2.7.1}
 */
public record Numerics(String device, int threads, String instructions, String engine) {
  /** Throws {@link Mistake} for fewer than no threads. */
  public Numerics {
    if (threads < 0) {
      throw new Mistake("threads is " + threads + "; expected 1 or more, or 0 for any");
    }
  }

  /** One thread, AVX2 kernels: the same bits on CPUs of one vendor. */
  public static final Numerics PINNED_CPU = new Numerics("cpu", 1, "avx2", "pytorch-2.7.1");

  /** Whatever the worker computes with; equal keys then need not mean equal bits. */
  public static final Numerics ANY = new Numerics("any", 0, "any", "any");

  @Override
  public String toString() {
    return device
        + ", "
        + threads
        + (threads == 1 ? " thread, " : " threads, ")
        + instructions
        + ", "
        + engine;
  }
}
