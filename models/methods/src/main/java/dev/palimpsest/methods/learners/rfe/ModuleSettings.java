package dev.palimpsest.methods.learners.rfe;

import dev.palimpsest.base.Mistake;
import dev.palimpsest.methods.rectifiers.AuxiliaryExtractor;
import dev.palimpsest.methods.rectifiers.Chain;
import dev.palimpsest.methods.rectifiers.Link;
import dev.palimpsest.methods.rectifiers.Path;
import dev.palimpsest.methods.rectifiers.Rectifier;
import dev.palimpsest.spec.Choice;
import dev.palimpsest.spec.Kind;
import dev.palimpsest.spec.Methods;
import dev.palimpsest.spec.Param;

/** The modules beside the network, and how they are trained after each task. */
public record ModuleSettings(
    @Param(help = "rectifier", value = "\"gated\"", choose = Kind.RECTIFIER) Choice rectifier,
    @Param(
            help = "numbers that an auxiliary extractor says of an image (d_aux); even",
            value = "128",
            min = 2,
            max = 65536)
        int dAux,
    @Param(
            help =
                "chain: from task to task, as published; direct: a map from the newest"
                    + " representation to each old one, all trained anew after each task",
            value = "\"chain\"")
        Path path,
    @Param(help = "epochs after each task", value = "40", min = 1) int epochs,
    @Param(help = "learning rate of Adam, lowered on a plateau", value = "0.005", min = 0)
        double lr,
    @Param(help = "samples a step", value = "32", min = 1) int batch,
    @Param(
            help =
                "once: train on the images as they are, their features computed once a task;"
                    + " each-step: on augmented images, as published",
            value = "\"once\"")
        Features features,
    @Param(
            help = "train the rectifier with the task's own loss instead of after the task",
            value = "false")
        boolean endToEnd) {
  public ModuleSettings {
    if (dAux % 2 != 0) {
      throw new Mistake("dAux is " + dAux + "; expected an even number.");
    }
    if (endToEnd && path == Path.DIRECT) {
      throw new Mistake(
          "endToEnd trains the newest rectifier only, and path is direct; expected path chain.");
    }
  }

  AuxiliaryExtractor extractor() {
    return new AuxiliaryExtractor(dAux);
  }

  Chain chain() {
    Methods methods = Methods.load();
    return new Chain(
        link(methods, methods.get(Kind.RECTIFIER, rectifier.method(), Rectifier.class)), path);
  }

  private <P extends Record> Link link(Methods methods, Rectifier<P> method) {
    return method.link(methods.bind(method, rectifier));
  }
}
