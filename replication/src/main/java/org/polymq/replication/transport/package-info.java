/* SPDX-License-Identifier: Apache-2.0 */
/**
 * How nodes talk, with mutual TLS: those of a group with the Raft engine's messages in frames of our own, and gateways
 * with the leaders of groups over streams, one for each client.
 *
 * <pre>
 * hello     magic PMQR (4)  version 1 (1)  length (1) and name of the cluster in UTF-8       once, from who connects
 * frame     length of the rest (4)  kind (1): 1 request, 2 response  number (4)  type (1)  protobuf message
 * </pre>
 *
 * <pre>
 * preface   magic PMQS (4)  version 1 (1)                                                    once, from who connects, before TLS
 * hello     length (1) and name of the cluster  length (1) and name of the group  length (2) and what it wants
 * answer    1: taken, what follows both ways is the stream      or      2  length (2) and words, and the end
 * </pre>
 *
 * <p>The preface is not encrypted, so that the connection moves to another event loop before its TLS begins. What it
 * wants, and the words, are the business of who uses this package.
 *
 * <p>The type is one of a fixed list ({@link org.polymq.replication.transport.MessageTypes}): no class is ever named on
 * the wire, and nothing but the engine's own protobuf messages is read.
 */
@NullMarked
package org.polymq.replication.transport;

import org.jspecify.annotations.NullMarked;
