/* SPDX-License-Identifier: Apache-2.0 */
/** The load generator around the official RocketMQ client. Runs on {@code benchmarks/peer/target/lib}. */
@NullMarked
package org.polymq.bench.load;

import org.jspecify.annotations.NullMarked;
