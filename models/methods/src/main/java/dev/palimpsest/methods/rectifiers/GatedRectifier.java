package dev.palimpsest.methods.rectifiers;

import ai.djl.ndarray.NDArray;
import com.google.auto.service.AutoService;
import dev.palimpsest.engine.Ops;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Method;
import dev.palimpsest.spec.Param;

/**
 * The rectifier as published, named retrospector in the paper's code: s = A a * M f; R(f, a) =
 * relu(sigmoid(U s) * B a + sigmoid(V s) * f), all maps affine, * by element. Nothing in it starts
 * as the identity.
 */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class GatedRectifier implements Rectifier<GatedRectifier.Parameters> {
  /** The paper, whose first version was named Incremental Latent Rectification (ILR). */
  public static final Citation CITATION =
      new Citation(
          "nguyen2026rfe",
          "N. D. Nguyen, H. T. Nguyen, A. Li, H. Pham, V. A. Nguyen, K. D. Doan. Retrospective"
              + " Feature Estimation for Continual Learning. TMLR, arXiv:2406.17381, 2026.",
          """
          @article{nguyen2026rfe,
            author = {Nguyen, Nghia D. and Nguyen, Hieu Trung and Li, Ang and Pham, Hoang and Nguyen, Viet Anh and Doan, Khoa D.},
            title = {Retrospective Feature Estimation for Continual Learning},
            journal = {Transactions on Machine Learning Research},
            note = {arXiv:2406.17381},
            year = {2026}
          }
          """);

  /** Its width. */
  public record Parameters(
      @Param(
              help = "numbers between which the gates decide (d_project)",
              value = "128",
              min = 1,
              max = 65536)
          int dProject) {}

  @Override
  public String name() {
    return "gated";
  }

  @Override
  public String summary() {
    return "The published rectifier (retrospector): two gates weigh auxiliary and main features.";
  }

  @Override
  public Citation citation() {
    return CITATION;
  }

  @Override
  public Class<Parameters> parameters() {
    return Parameters.class;
  }

  @Override
  public Link link(Parameters parameters) {
    int p = parameters.dProject();
    return (pass, prefix, features, aux) -> {
      int d = (int) features.getShape().get(1);
      NDArray s =
          pass.linear(prefix + "aux_project", aux, p)
              .mul(pass.linear(prefix + "main_project", features, p));
      NDArray scaled = pass.linear(prefix + "aux_scale", aux, d);
      NDArray auxGate = Ops.sigmoid(pass.linear(prefix + "aux_score", s, d));
      NDArray mainGate = Ops.sigmoid(pass.linear(prefix + "main_score", s, d));
      return Ops.relu(auxGate.mul(scaled).add(mainGate.mul(features)));
    };
  }
}
