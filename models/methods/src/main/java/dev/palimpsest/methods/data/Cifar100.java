package dev.palimpsest.methods.data;

import com.google.auto.service.AutoService;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Method;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The binary version of CIFAR-100: each record has a coarse label, which is passed over, and a fine
 * one. The names of the classes stand in a file beside the images.
 */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class Cifar100 implements DataFormat<NoParameters> {
  private static final String NAMES = "fine_label_names.txt";

  @Override
  public String name() {
    return "cifar100-bin";
  }

  @Override
  public String summary() {
    return "Colour images in the binary records of CIFAR-100, plain or gzip; fine labels.";
  }

  @Override
  public Citation citation() {
    return new Cifar10().citation();
  }

  @Override
  public Class<NoParameters> parameters() {
    return NoParameters.class;
  }

  @Override
  public String files() {
    return "train.bin and test.bin, each plain or .gz, and " + NAMES;
  }

  @Override
  public boolean fits(DataFolder folder) {
    return !folder.matching(Pattern.compile(Pattern.quote(NAMES))).isEmpty();
  }

  @Override
  public Imported read(DataFolder folder, NoParameters parameters) {
    return new CifarRecords(2).read(folder, folder.description().orElseGet(() -> named(folder)));
  }

  private static Description named(DataFolder folder) {
    List<String> names = folder.lines(NAMES).stream().filter(line -> !line.isBlank()).toList();
    return Description.of(
        folder.path().resolve(NAMES).toString(),
        "cifar100",
        names,
        "https://www.cs.toronto.edu/~kriz/cifar.html");
  }
}
