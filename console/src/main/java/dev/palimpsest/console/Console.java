package dev.palimpsest.console;

import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.console.graph.WorkflowGraph;
import dev.palimpsest.console.web.Access;
import dev.palimpsest.console.web.Web;
import java.net.URI;
import java.util.Optional;

/** The web pages, served until closed. */
public final class Console implements AutoCloseable {
  private final Web web;
  private final URI url;

  private Console(Web web, URI url) {
    this.web = web;
    this.url = url;
  }

  /**
   * Where the pages are served.
   *
   * @param host the address to listen at; others than those of this machine need a token
   * @param port 0 for a free one
   * @param token who knows it may enter; empty where only this machine can
   */
  public record Options(String host, int port, Optional<String> token) {}

  /**
   * Starts to serve.
   *
   * @throws dev.palimpsest.base.Mistake if others could reach it without a token, or the port is in
   *     use
   */
  public static Console start(Options options, Services services) {
    var access = Access.of(options.host(), options.token());
    WorkflowGraph.warmUp();
    readRuns(services);
    Web web = Web.of(access, new Pages(services).all());
    return new Console(web, web.start(options.host(), options.port()));
  }

  /** Reads the line of every run beside the first requests, so that none of them waits for all. */
  private static void readRuns(Services services) {
    Thread.ofPlatform()
        .daemon()
        .name("runs")
        .start(() -> {
          try {
            services.journal().newest(Integer.MAX_VALUE);
          } catch (Failure | Mistake e) {
            // Whoever asks for the page is told.
          }
        });
  }

  /** Throws {@link dev.palimpsest.base.Mistake} for options that {@link #start} would refuse. */
  public static void check(Options options) {
    Access.of(options.host(), options.token());
  }

  /** Where the first page is. */
  public URI url() {
    return url;
  }

  @Override
  public void close() {
    web.close();
  }
}
