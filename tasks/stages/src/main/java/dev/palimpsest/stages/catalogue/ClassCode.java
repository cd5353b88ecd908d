package dev.palimpsest.stages.catalogue;

import dev.palimpsest.base.Digest;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.commons.ClassRemapper;
import org.objectweb.asm.commons.Remapper;

/**
 * What a class file says to the machine that runs it.
 *
 * @param digest over its bytecode without what does not run: source file, line numbers, names of
 *     variables and parameters, the order of its constants, the declarations of nested classes
 * @param references the classes that it names, itself among them: in types, generic ones too,
 *     calls, handles of lambdas, annotations and members of its nest
 * @param texts its constant texts
 * @param opensResources whether it opens files on the class path
 */
record ClassCode(
    Digest digest, SortedSet<String> references, SortedSet<String> texts, boolean opensResources) {
  private static final int TEXT = 8;
  private static final int METHOD = 10;

  /** Who finds classes and resources by name. */
  private static final Set<String> FINDERS =
      Set.of(
          "java/lang/Class",
          "java/lang/ClassLoader",
          "java/lang/Module",
          "java/lang/invoke/MethodHandles$Lookup");

  private static final Set<String> LOADING = Set.of("forName", "loadClass", "findClass");

  /** Throws if the class loads others by names that only a run knows. */
  static ClassCode of(byte[] file) {
    var reader = new ClassReader(file);
    SortedSet<String> references = new TreeSet<>();
    var writer = new ClassWriter(0);
    reader.accept(new Plain(writer, references), ClassReader.SKIP_DEBUG);
    SortedSet<String> texts = new TreeSet<>();
    boolean opens = false;
    char[] buffer = new char[reader.getMaxStringLength()];
    for (int i = 1; i < reader.getItemCount(); i++) {
      int at = reader.getItem(i);
      int kind = at == 0 ? 0 : reader.readByte(at - 1);
      if (kind == TEXT) {
        texts.add(reader.readUTF8(at, buffer));
      } else if (kind == METHOD && FINDERS.contains(reader.readClass(at, buffer))) {
        String called = reader.readUTF8(reader.getItem(reader.readUnsignedShort(at + 2)), buffer);
        if (LOADING.contains(called)) {
          throw new IllegalStateException(
              reader.getClassName()
                  + " calls "
                  + called
                  + ": what it loads would be in no key; refer to the class itself");
        }
        opens |= called.contains("Resource") || called.equals("resources");
      }
    }
    return new ClassCode(Digest.of(writer.toByteArray()), references, texts, opens);
  }

  /** Notes each class that is named, and drops what only declares nesting. */
  private static final class Plain extends ClassRemapper {
    Plain(ClassWriter writer, Set<String> references) {
      super(
          Opcodes.ASM9,
          writer,
          new Remapper(Opcodes.ASM9) {
            @Override
            public String map(String name) {
              references.add(name.replace('/', '.'));
              return name;
            }
          });
    }

    @Override
    public void visitInnerClass(String name, String outer, String simple, int access) {}

    @Override
    public void visitOuterClass(String owner, String method, String descriptor) {}

    @Override
    public void visitNestHost(String host) {}
  }
}
