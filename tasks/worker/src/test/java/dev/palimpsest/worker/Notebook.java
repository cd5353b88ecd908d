package dev.palimpsest.worker;

import dev.palimpsest.storage.Reference;
import dev.palimpsest.tasks.Lane;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/** Keeps what it is told. */
final class Notebook implements TaskSource {
  final List<String> told = new CopyOnWriteArrayList<>();
  volatile Runnable whenTold = () -> {};
  volatile CountDownLatch extended = new CountDownLatch(0);
  volatile Runnable whenPolled = () -> {};
  volatile Runnable whenListed = () -> {};
  volatile Runnable whenReminded = () -> {};
  volatile Optional<Task> held = Optional.empty();

  @Override
  public Optional<Task> poll(Set<Lane> lanes) {
    whenPolled.run();
    return Optional.empty();
  }

  @Override
  public Optional<Task> held(String id) {
    return held.filter(task -> task.id().equals(id));
  }

  @Override
  public List<Task> handed(Set<Lane> lanes) {
    List<Task> listed = lanes.contains(Lane.CPU) ? held.stream().toList() : List.of();
    whenListed.run();
    return listed;
  }

  @Override
  public void remind() {
    whenReminded.run();
  }

  @Override
  public void extend(Task task) {
    extended.countDown();
  }

  @Override
  public void giveBack(Task task, Duration delay, String why) {
    told.add("back: " + why);
    whenTold.run();
  }

  @Override
  public void complete(Task task, Map<String, Reference> outputs, Map<String, Object> about) {
    told.add("complete: " + outputs.keySet());
    whenTold.run();
  }

  @Override
  public void fail(Task task, String sentence) {
    told.add("fail: " + sentence);
  }

  @Override
  public void log(Task task, String line) {}
}
