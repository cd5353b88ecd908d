package dev.palimpsest.methods.detectors;

import java.util.Comparator;
import java.util.stream.IntStream;
import org.ejml.concurrency.EjmlConcurrency;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;

/** The directions in which centred rows vary most. */
final class PrincipalComponents {
  static {
    // One thread, so that sums have one order.
    EjmlConcurrency.USE_CONCURRENT = false;
  }

  private PrincipalComponents() {}

  /**
   * The rows' coordinates along the right singular vectors of greatest singular value, greatest
   * first; the sign of a vector is arbitrary.
   *
   * @param centred [n][d], n at least 1
   * @param most components at most; there are no more than d
   */
  static double[][] of(double[][] centred, int most) {
    DMatrixRMaj rows = new DMatrixRMaj(centred);
    int width = rows.getNumCols();
    DMatrixRMaj scatter = new DMatrixRMaj(width, width);
    CommonOps_DDRM.multTransA(rows, rows, scatter);
    EigenDecomposition_F64<DMatrixRMaj> eigen = DecompositionFactory_DDRM.eig(width, true, true);
    if (!eigen.decompose(scatter)) {
      throw new IllegalStateException("no eigenvectors were found");
    }
    int[] order =
        IntStream.range(0, width)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> -eigen.getEigenvalue(i).getReal()))
            .mapToInt(i -> i)
            .toArray();
    int components = Math.min(most, width);
    double[][] coordinates = new double[centred.length][components];
    for (int c = 0; c < components; c++) {
      DMatrixRMaj vector = eigen.getEigenVector(order[c]);
      for (int i = 0; i < centred.length; i++) {
        for (int j = 0; j < width; j++) {
          coordinates[i][c] += centred[i][j] * vector.get(j);
        }
      }
    }
    return coordinates;
  }
}
