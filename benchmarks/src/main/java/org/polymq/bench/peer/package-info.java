/* SPDX-License-Identifier: Apache-2.0 */
/** The peers: brokers that are measured beside ours. Runs on {@code benchmarks/peer/target/lib}. */
@NullMarked
package org.polymq.bench.peer;

import org.jspecify.annotations.NullMarked;
