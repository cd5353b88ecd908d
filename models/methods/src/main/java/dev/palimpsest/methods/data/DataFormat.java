package dev.palimpsest.methods.data;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.spec.Kind;
import dev.palimpsest.spec.Method;
import dev.palimpsest.spec.Methods;
import dev.palimpsest.spec.Parameters;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Reads the files of one format into a data set.
 *
 * @param <P> its parameters
 */
public interface DataFormat<P extends Record> extends Method<P> {
  @Override
  default Kind kind() {
    return Kind.DATA;
  }

  /** The files that it expects, for sentences: {@code *train*.bin and *test*.bin}. */
  String files();

  /** Whether the folder holds at least one file that this format would read, by its name. */
  boolean fits(DataFolder folder);

  /**
   * Reads the whole data set.
   *
   * @throws Mistake naming the file that is missing, truncated or damaged, and what was expected
   */
  Imported read(DataFolder folder, P parameters);

  /** As {@link #read(DataFolder, Record)}, with parameters as JSON; defaults are filled in. */
  default Imported read(DataFolder folder, Parameters binder, JsonNode parameters) {
    return read(folder, binder.bind("data format '" + name() + "'", parameters(), parameters));
  }

  /**
   * The one registered format that fits the files of this folder.
   *
   * @throws Mistake when none fits, with what each expects, and when several do
   */
  static DataFormat<?> detect(DataFolder folder) {
    return detect(folder, Methods.load());
  }

  /** As {@link #detect(DataFolder)}, among these methods. */
  static DataFormat<?> detect(DataFolder folder, Methods methods) {
    var known = new ArrayList<DataFormat<?>>();
    for (Method<?> method : methods.all(Kind.DATA)) {
      if (method instanceof DataFormat<?> format) {
        known.add(format);
      }
    }
    List<DataFormat<?>> fitting = known.stream().filter(format -> format.fits(folder)).toList();
    if (fitting.isEmpty()) {
      throw new Mistake(
          "Folder '"
              + folder.path()
              + "' holds no data set that can be read; expected "
              + known.stream()
                  .map(format -> format.files() + " (" + format.name() + ")")
                  .collect(Collectors.joining(", or "))
              + ".");
    }
    if (fitting.size() > 1) {
      throw new Mistake(
          "Folder '"
              + folder.path()
              + "' holds files of several formats ("
              + fitting.stream().map(Method::name).collect(Collectors.joining(", "))
              + "); expected the files of one only.");
    }
    return fitting.getFirst();
  }
}
