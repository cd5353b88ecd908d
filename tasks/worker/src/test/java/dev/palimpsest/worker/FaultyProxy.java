package dev.palimpsest.worker;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Stands between a worker and a store, and behaves as a store does that is in trouble. */
final class FaultyProxy implements AutoCloseable {
  private static final byte[] ERROR =
      "<?xml version=\"1.0\"?><Error><Code>InternalError</Code><Message>No space left</Message></Error>"
          .getBytes(UTF_8);

  /** How it behaves. */
  enum Mode {
    /** As the store itself. */
    WELL,
    /** Every request is answered with 500. */
    BROKEN,
    /** What writes is answered with 500: a disk without room. */
    FULL,
    /** No request is answered. */
    HANGING
  }

  private final ServerSocket listening;
  private final int target;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger suffered = new AtomicInteger();
  private volatile Mode mode = Mode.WELL;

  FaultyProxy(int target) throws IOException {
    this.listening = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
    this.target = target;
    daemon(this::accept);
  }

  String endpoint() {
    return "http://127.0.0.1:" + listening.getLocalPort();
  }

  /** How many requests were refused or left hanging in the present trouble. */
  int suffered() {
    return suffered.get();
  }

  /** From now on; what is under way is cut off. */
  void set(Mode next) throws IOException {
    mode = next;
    suffered.set(0);
    for (Socket socket : open) {
      socket.close();
    }
  }

  private void accept() {
    while (true) {
      try {
        Socket client = listening.accept();
        open.add(client);
        daemon(() -> serve(client));
      } catch (IOException e) {
        return;
      }
    }
  }

  /** HTTP without pipelining: what arrives first after an answer is the head of a request. */
  private void serve(Socket client) {
    try (client;
        Socket store = new Socket("127.0.0.1", target)) {
      open.add(store);
      daemon(() -> copy(store, client));
      InputStream in = client.getInputStream();
      OutputStream toStore = store.getOutputStream();
      byte[] bytes = new byte[1 << 16];
      for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
        String head = new String(bytes, 0, Math.min(count, 8), ISO_8859_1);
        boolean writes = head.startsWith("PUT ") || head.startsWith("POST ");
        switch (mode) {
          case HANGING -> suffered.incrementAndGet();
          case BROKEN, FULL -> {
            if (mode == Mode.BROKEN || writes) {
              suffered.incrementAndGet();
              refuse(client.getOutputStream());
              return;
            }
            toStore.write(bytes, 0, count);
          }
          case WELL -> toStore.write(bytes, 0, count);
        }
      }
    } catch (IOException e) {
      // Cut off, by either side or by a change of mode.
      return;
    } finally {
      open.remove(client);
    }
  }

  private static void refuse(OutputStream out) throws IOException {
    out.write(
        ("HTTP/1.1 500 Internal Server Error\r\nContent-Type: application/xml\r\nContent-Length: "
                + ERROR.length
                + "\r\nConnection: close\r\n\r\n")
            .getBytes(UTF_8));
    out.write(ERROR);
    out.flush();
  }

  private void copy(Socket from, Socket to) {
    try (from;
        to) {
      from.getInputStream().transferTo(to.getOutputStream());
    } catch (IOException e) {
      // Cut off.
      return;
    } finally {
      open.remove(from);
    }
  }

  private static void daemon(Runnable work) {
    Thread.ofPlatform().daemon().start(work);
  }

  @Override
  public void close() throws IOException {
    listening.close();
    set(Mode.WELL);
  }
}
