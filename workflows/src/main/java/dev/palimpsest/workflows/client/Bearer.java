package dev.palimpsest.workflows.client;

import com.netflix.conductor.client.http.ConductorClient;
import com.netflix.conductor.client.http.HeaderSupplier;
import java.util.Map;

/** Sends a token with every request. */
record Bearer(String token) implements HeaderSupplier {
  @Override
  public void init(ConductorClient client) {}

  @Override
  public Map<String, String> get(String method, String path) {
    return Map.of("Authorization", "Bearer " + token);
  }

  @Override
  public String toString() {
    return "Bearer";
  }
}
