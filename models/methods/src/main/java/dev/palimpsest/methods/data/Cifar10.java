package dev.palimpsest.methods.data;

import com.google.auto.service.AutoService;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Method;
import java.util.List;

/** The binary version of CIFAR-10. */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class Cifar10 implements DataFormat<NoParameters> {
  private static final Description PUBLISHED =
      new Description(
          "cifar10",
          List.of(
              "airplane",
              "automobile",
              "bird",
              "cat",
              "deer",
              "dog",
              "frog",
              "horse",
              "ship",
              "truck"),
          "unknown",
          "https://www.cs.toronto.edu/~kriz/cifar.html");

  @Override
  public String name() {
    return "cifar10-bin";
  }

  @Override
  public String summary() {
    return "Colour images in the binary records of CIFAR-10, plain or gzip.";
  }

  @Override
  public Citation citation() {
    return new Citation(
        "krizhevsky2009cifar",
        "Krizhevsky. Learning multiple layers of features from tiny images. University of Toronto,"
            + " 2009.",
        """
        @techreport{krizhevsky2009cifar,
          author = {Krizhevsky, Alex},
          title = {Learning multiple layers of features from tiny images},
          institution = {University of Toronto},
          year = {2009}
        }
        """);
  }

  @Override
  public Class<NoParameters> parameters() {
    return NoParameters.class;
  }

  @Override
  public String files() {
    return "data_batch_*.bin or *train*.bin, and *test*.bin, each plain or .gz";
  }

  @Override
  public boolean fits(DataFolder folder) {
    return CifarRecords.in(folder) && !new Cifar100().fits(folder);
  }

  @Override
  public Imported read(DataFolder folder, NoParameters parameters) {
    return new CifarRecords(1).read(folder, folder.description().orElse(PUBLISHED));
  }
}
