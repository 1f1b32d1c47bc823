/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Several groups as one: where a name belongs, how a node that serves a client reaches the group that holds it, and
 * what the nodes tell each other while they run.
 */
@NullMarked
package org.polymq.broker.cluster;

import org.jspecify.annotations.NullMarked;
