package dev.palimpsest.base;

import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.DeserializationConfig;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.Module;
import com.fasterxml.jackson.databind.deser.std.ReferenceTypeDeserializer;
import com.fasterxml.jackson.databind.jsontype.TypeDeserializer;
import com.fasterxml.jackson.databind.module.SimpleDeserializers;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.type.ReferenceType;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads a field that is absent or null as an empty {@link Optional}, of a JSON tree too. */
final class Optionals {
  private Optionals() {}

  static Module module() {
    SimpleModule module = new SimpleModule("optionals");
    module.setDeserializers(new Found());
    return module;
  }

  private static final class Found extends SimpleDeserializers {
    private static final long serialVersionUID = 1L;

    @Override
    public @Nullable JsonDeserializer<?> findReferenceDeserializer(
        ReferenceType type,
        DeserializationConfig config,
        BeanDescription description,
        @Nullable TypeDeserializer contentType,
        @Nullable JsonDeserializer<?> content) {
      return type.hasRawClass(Optional.class) ? new Reader(type, contentType, content) : null;
    }
  }

  private static final class Reader extends ReferenceTypeDeserializer<Optional<?>> {
    private static final long serialVersionUID = 1L;

    @SuppressWarnings("NullAway") // Jackson fills in what is null here when it knows the context.
    Reader(
        JavaType type,
        @Nullable TypeDeserializer contentType,
        @Nullable JsonDeserializer<?> content) {
      super(type, null, contentType, content);
    }

    @Override
    protected ReferenceTypeDeserializer<Optional<?>> withResolved(
        TypeDeserializer contentType, JsonDeserializer<?> content) {
      return new Reader(_fullType, contentType, content);
    }

    @Override
    public Optional<?> getNullValue(DeserializationContext context) {
      return Optional.empty();
    }

    @Override
    public Object getAbsentValue(DeserializationContext context) {
      return Optional.empty();
    }

    @Override
    public Optional<?> referenceValue(Object content) {
      return Optional.of(content);
    }

    @Override
    public Optional<?> updateReference(Optional<?> reference, Object content) {
      return Optional.of(content);
    }

    @Override
    public @Nullable Object getReferenced(Optional<?> reference) {
      return reference.orElse(null);
    }
  }
}
