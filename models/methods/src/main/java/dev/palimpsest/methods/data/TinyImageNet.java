package dev.palimpsest.methods.data;

import com.google.auto.service.AutoService;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Method;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Tiny ImageNet as it is published. Its validation images are the test part, because those of its
 * own test part have no labels. Classes are in the order of their WordNet ids, and have the first
 * word that {@code words.txt} gives for them.
 */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class TinyImageNet implements DataFormat<NoParameters> {
  private static final String IDS = "wnids.txt";
  private static final String WORDS = "words.txt";
  private static final String ANNOTATIONS = "val/val_annotations.txt";
  private static final String TEST = "val/images";

  @Override
  public String name() {
    return "tiny-imagenet";
  }

  @Override
  public String summary() {
    return "Colour images in the folders and lists of Tiny ImageNet.";
  }

  @Override
  public Citation citation() {
    return new Citation(
        "le2015tiny",
        "Ya Le, Xuan Yang. Tiny ImageNet Visual Recognition Challenge. CS 231N, Stanford"
            + " University, 2015.",
        """
        @techreport{le2015tiny,
          author = {Ya Le and Xuan Yang},
          title = {{Tiny ImageNet Visual Recognition Challenge}},
          institution = {CS 231N, Stanford University},
          year = {2015}
        }
        """);
  }

  @Override
  public Class<NoParameters> parameters() {
    return NoParameters.class;
  }

  @Override
  public String files() {
    return "wnids.txt, words.txt, train/ID/images/*.JPEG, val/images/*.JPEG and"
        + " val/val_annotations.txt";
  }

  @Override
  public boolean fits(DataFolder folder) {
    return !folder.matching(Pattern.compile(Pattern.quote(IDS))).isEmpty();
  }

  @Override
  public Imported read(DataFolder folder, NoParameters parameters) {
    List<String> ids =
        folder.lines(IDS).stream().map(String::strip).filter(id -> !id.isEmpty()).sorted().toList();
    Description description = folder.description().orElseGet(() -> named(folder, ids));
    if (description.classes().size() != ids.size()) {
      throw new Mistake(
          "File '"
              + folder.path().resolve(IDS)
              + "' names "
              + ids.size()
              + " classes, dataset.json "
              + description.classes().size()
              + "; expected the same number.");
    }
    return Pictures.read(description, train(folder, ids), test(folder, ids));
  }

  private static Description named(DataFolder folder, List<String> ids) {
    Map<String, String> words = new HashMap<>();
    for (String line : folder.lines(WORDS)) {
      String[] columns = line.split("\t", 2);
      words.put(columns[0], columns[columns.length - 1].split(",", 2)[0].strip());
    }
    // "crane" is a bird and a machine.
    Map<String, Integer> uses = new HashMap<>();
    ids.forEach(id -> uses.merge(words.getOrDefault(id, id), 1, Integer::sum));
    List<String> names =
        ids.stream()
            .map(id -> {
              String word = words.getOrDefault(id, id);
              return uses.getOrDefault(word, 0) == 1 ? word : word + " (" + id + ")";
            })
            .toList();
    return Description.of(
        folder.path().resolve(IDS).toString(),
        "tiny-imagenet",
        names,
        "http://cs231n.stanford.edu");
  }

  private static Pictures train(DataFolder folder, List<String> ids) {
    var pictures = new Pictures();
    for (int label = 0; label < ids.size(); label++) {
      String within = "train/" + ids.get(label) + "/images";
      List<String> names = ImageFolder.images(folder, within);
      if (names.isEmpty()) {
        throw new Mistake(
            "Folder '"
                + folder.path().resolve(within)
                + "' is missing or holds no image; wnids.txt names its class.");
      }
      for (String name : names) {
        pictures.add(folder.path().resolve(within).resolve(name), label);
      }
    }
    return pictures;
  }

  private static Pictures test(DataFolder folder, List<String> ids) {
    Path list = folder.path().resolve(ANNOTATIONS);
    var labels = new TreeMap<String, Integer>();
    var present = new HashSet<>(ImageFolder.images(folder, TEST));
    int number = 0;
    for (String line : folder.lines(ANNOTATIONS)) {
      number++;
      String[] columns = line.split("\t", -1);
      int label = columns.length < 2 ? -1 : ids.indexOf(columns[1]);
      if (label < 0 || !present.contains(columns[0]) || labels.put(columns[0], label) != null) {
        throw new Mistake(
            "File '"
                + list
                + "', line "
                + number
                + " is '"
                + line
                + "'; expected an image of 'val/images' that no other line names, a tab, and a"
                + " class of wnids.txt.");
      }
    }
    present.removeAll(labels.keySet());
    if (!present.isEmpty() || labels.isEmpty()) {
      throw new Mistake(
          present.isEmpty()
              ? "File '" + list + "' is empty; expected a line for each image of 'val/images'."
              : "File '"
                  + list
                  + "' lacks the image '"
                  + new TreeSet<>(present).first()
                  + "'; expected a line for each image of 'val/images'.");
    }
    var pictures = new Pictures();
    labels.forEach((name, label) -> pictures.add(folder.path().resolve(TEST).resolve(name), label));
    return pictures;
  }
}
