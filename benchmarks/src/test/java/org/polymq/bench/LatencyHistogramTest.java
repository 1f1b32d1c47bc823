/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class LatencyHistogramTest {
    @Test
    void tellsPercentilesWithinAFewPercent() {
        LatencyHistogram histogram = new LatencyHistogram();

        for (int micros = 1; micros <= 100_000; micros++) {
            histogram.record(micros * 1_000L);
        }

        assertThat(histogram.percentile(0.5)).isCloseTo(50_000, Percentage.withPercentage(3.5));
        assertThat(histogram.percentile(0.99)).isCloseTo(99_000, Percentage.withPercentage(3.5));
    }

    @Test
    void knowsNothingWithoutRecords() {
        assertThat(new LatencyHistogram().percentile(0.99)).isZero();
    }

    @Test
    void countsAnHourAndMore() {
        LatencyHistogram histogram = new LatencyHistogram();

        histogram.record(3_600_000_000_000L);

        assertThat(histogram.percentile(1)).isCloseTo(3_600_000_000L, Percentage.withPercentage(3.5));
    }
}
