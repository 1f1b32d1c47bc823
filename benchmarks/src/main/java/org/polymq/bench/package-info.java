/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Benchmarks beside the peers: the same official client against several brokers in one run.
 *
 * <pre>
 *   Main (this JVM) --starts--&gt; broker A, broker B, ...          one process each
 *        |          --starts--&gt; load A,   load B,   ...          one process each, official client 5.5.0
 *        +--"send threads=16 ..."--&gt; load --sends--&gt; broker
 *        &lt;--"RESULT rate=... cpu=..."--
 * </pre>
 *
 * <p>A load process reads the processor time of its broker from {@code /proc} at the very start and the very end of
 * what it measures. The rounds alternate (A B A B) and the first one is not counted.
 */
@NullMarked
package org.polymq.bench;

import org.jspecify.annotations.NullMarked;
