/* SPDX-License-Identifier: Apache-2.0 */
/**
 * How the nodes of a group talk: the Raft engine's messages in frames of our own over Netty, with mutual TLS.
 *
 * <pre>
 * hello     magic PMQR (4)  version 1 (1)  length (1) and name of the cluster in UTF-8       once, from who connects
 * frame     length of the rest (4)  kind (1): 1 request, 2 response  number (4)  type (1)  protobuf message
 * </pre>
 *
 * <p>The type is one of a fixed list ({@link org.polymq.replication.transport.MessageTypes}): no class is ever named on
 * the wire, and nothing but the engine's own protobuf messages is read.
 */
@NullMarked
package org.polymq.replication.transport;

import org.jspecify.annotations.NullMarked;
