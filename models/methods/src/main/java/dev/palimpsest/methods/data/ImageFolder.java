package dev.palimpsest.methods.data;

import com.google.auto.service.AutoService;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.base.Names;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Method;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Image files in a folder for each class. Classes are in the order of their names, or of {@code
 * dataset.json}; the images of a class in the order of theirs.
 */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class ImageFolder implements DataFormat<NoParameters> {
  private static final Pattern IMAGE = Pattern.compile("(?i).+\\.(png|jpe?g)");

  @Override
  public String name() {
    return "image-folder";
  }

  @Override
  public String summary() {
    return "PNG and JPEG files of one size, in a folder for each class.";
  }

  @Override
  public Citation citation() {
    return new Citation(
        "torchvision2016",
        "TorchVision maintainers and contributors. TorchVision: PyTorch's Computer Vision library."
            + " 2016.",
        """
        @misc{torchvision2016,
          author = {{TorchVision maintainers and contributors}},
          title = {{TorchVision: PyTorch's Computer Vision library}},
          year = {2016}
        }
        """);
  }

  @Override
  public Class<NoParameters> parameters() {
    return NoParameters.class;
  }

  @Override
  public String files() {
    return "train/CLASS/*.png or *.jpg, and test/CLASS/*.png or *.jpg";
  }

  @Override
  public boolean fits(DataFolder folder) {
    return !folder.folders("train").isEmpty() && !new TinyImageNet().fits(folder);
  }

  @Override
  public Imported read(DataFolder folder, NoParameters parameters) {
    List<String> found = folder.folders("train");
    Description description =
        folder
            .description()
            .orElseGet(() ->
                Description.of(
                    folder.path().resolve("train").toString(), "image-folder", found, "unknown"));
    List<String> classes = description.classes();
    if (!Set.copyOf(found).equals(Set.copyOf(classes))) {
      var one = new TreeSet<>(found);
      classes.forEach(name -> {
        if (!one.remove(name)) {
          one.add(name);
        }
      });
      throw new Mistake(
          "The folders in '"
              + folder.path().resolve("train")
              + "' are not the classes that dataset.json names: '"
              + one.first()
              + "' is among one of them only; expected the same names.");
    }
    return Pictures.read(
        description, part(folder, "train", classes), part(folder, "test", classes));
  }

  private static Pictures part(DataFolder folder, String part, List<String> classes) {
    List<String> present = folder.folders(part);
    if (present.isEmpty()) {
      throw new Mistake(
          "Folder '" + folder.path().resolve(part) + "' is missing; expected test/CLASS/*.png.");
    }
    for (String name : present) {
      if (!classes.contains(name)) {
        throw new Mistake(
            "Folder '"
                + folder.path().resolve(part)
                + "': "
                + Names.unknown("class", name, classes)
                + " The classes are the folders in 'train'.");
      }
    }
    var pictures = new Pictures();
    for (int label = 0; label < classes.size(); label++) {
      String within = part + "/" + classes.get(label);
      List<String> names = images(folder, within);
      if (names.isEmpty() && present.contains(classes.get(label))) {
        throw new Mistake(
            "Folder '" + folder.path().resolve(within) + "' holds no image; expected some.");
      }
      for (String name : names) {
        pictures.add(folder.path().resolve(within).resolve(name), label);
      }
    }
    return pictures;
  }

  /**
   * The names of the images in a folder, in order.
   *
   * @throws Mistake naming a file that is none
   */
  static List<String> images(DataFolder folder, String within) {
    List<String> names = folder.files(within);
    for (String name : names) {
      if (!IMAGE.matcher(name).matches()) {
        throw new Mistake(
            "File '"
                + folder.path().resolve(within).resolve(name)
                + "' does not have the name of an image; expected .png, .jpg and .jpeg alone.");
      }
    }
    return names;
  }
}
