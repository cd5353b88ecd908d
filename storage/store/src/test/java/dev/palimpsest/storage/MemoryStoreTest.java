package dev.palimpsest.storage;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.base.Failure;
import org.junit.jupiter.api.Test;

final class MemoryStoreTest extends StoreContract {
  private final Store store = new MemoryStore();

  @Override
  protected Store store() {
    return store;
  }

  @Test
  void aKeyCannotAlsoBeAFolder() {
    store.put("contract/folder/a", utf8("x"));
    assertThatThrownBy(() -> store.put("contract/folder", utf8("x")))
        .isInstanceOf(Failure.class)
        .hasMessageContaining("contract/folder");
    assertThatThrownBy(() -> store.put("contract/folder/a/b", utf8("x")))
        .isInstanceOf(Failure.class)
        .hasMessageContaining("contract/folder/a/b");
  }
}
