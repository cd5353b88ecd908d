package dev.palimpsest.stages.catalogue;

import dev.palimpsest.base.Digest;
import dev.palimpsest.tasks.Code;
import dev.palimpsest.tasks.CodeIndex;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Finds the project's classes that a class can reach through references in bytecode, with what they
 * take from outside the project.
 *
 * <p>What a {@code ServiceLoader} finds is not reached by whoever asks it: a method is its user's
 * code only where it is chosen.
 */
final class ReachableCode {
  private static final String PROJECT = "dev.palimpsest.";

  /** The platform, which a run's record names, and annotations that only compilers read. */
  private static final List<String> OUTSIDE =
      List.of("java.", "javax.", "org.jspecify.", "com.google.auto.service.");

  /**
   * A library whose version decides results.
   *
   * @param packages how the names of its packages begin, with a dot at the end
   */
  record Library(String name, String version, String packages) {
    /** Reads {@code name version packages}. */
    static Library of(String line) {
      String[] words = line.split(" ", -1);
      return new Library(words[0], words[1], words[2]);
    }
  }

  private final ClassLoader loader;
  private final List<Library> libraries;
  private final Map<String, ClassCode> read = new HashMap<>();

  ReachableCode(ClassLoader loader, Collection<Library> libraries) {
    this.loader = loader;
    this.libraries = List.copyOf(libraries);
  }

  /**
   * The code of providers.
   *
   * @param roots by provider the names of the classes to start from
   */
  CodeIndex index(SortedMap<String, Set<String>> roots) {
    var classes = new TreeMap<String, Digest>();
    var resources = new TreeMap<String, Digest>();
    var versions = new TreeMap<String, String>();
    var reached = new TreeMap<String, List<String>>();
    roots.forEach((provider, starts) -> {
      SortedSet<String> names = new TreeSet<>();
      for (String name : closure(starts)) {
        ClassCode code = code(name);
        classes.put(name, code.digest());
        names.add(name);
        for (String resource : resources(name, code)) {
          resources.put(resource, Digest.of(bytes(resource).orElseThrow()));
          names.add(resource);
        }
        for (Library library : libraries(name, code)) {
          versions.put(library.name(), library.version());
          names.add(library.name());
        }
      }
      reached.put(provider, List.copyOf(names));
    });
    return new CodeIndex(new Code(classes, resources, versions), reached);
  }

  private SortedSet<String> closure(Set<String> starts) {
    SortedSet<String> found = new TreeSet<>();
    Deque<String> open = new ArrayDeque<>(starts);
    while (!open.isEmpty()) {
      String name = open.pop();
      if (name.startsWith(PROJECT) && found.add(name)) {
        open.addAll(code(name).references());
      }
    }
    return found;
  }

  private ClassCode code(String name) {
    return read.computeIfAbsent(
        name,
        each ->
            ClassCode.of(
                bytes(each.replace('.', '/') + ".class")
                    .orElseThrow(
                        () -> new IllegalStateException("the class " + each + " is not there"))));
  }

  private Set<Library> libraries(String name, ClassCode code) {
    Set<Library> used = new LinkedHashSet<>();
    for (String reference : code.references()) {
      if (reference.startsWith(PROJECT) || OUTSIDE.stream().anyMatch(reference::startsWith)) {
        continue;
      }
      List<Library> of =
          libraries.stream().filter(library -> reference.startsWith(library.packages())).toList();
      if (of.isEmpty()) {
        throw new IllegalStateException(
            name
                + " uses "
                + reference
                + " of a library that the catalogue knows no version of; name it in the pom of"
                + " tasks/stages");
      }
      used.addAll(of);
    }
    return used;
  }

  /** The files that a class opens: its texts that name one, from its package or from the root. */
  private SortedSet<String> resources(String name, ClassCode code) {
    SortedSet<String> found = new TreeSet<>();
    if (!code.opensResources()) {
      return found;
    }
    String folder = name.substring(0, name.lastIndexOf('.') + 1).replace('.', '/');
    for (String text : code.texts()) {
      for (String path : List.of(folder + text, text.startsWith("/") ? text.substring(1) : text)) {
        if (!text.isEmpty() && !path.endsWith("/") && bytes(path).isPresent()) {
          found.add(path);
        }
      }
    }
    if (found.isEmpty()) {
      throw new IllegalStateException(
          name + " opens a resource that none of its texts names; expected its whole name in it");
    }
    return found;
  }

  private Optional<byte[]> bytes(String path) {
    try (InputStream in = loader.getResourceAsStream(path)) {
      return in == null ? Optional.empty() : Optional.of(in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
