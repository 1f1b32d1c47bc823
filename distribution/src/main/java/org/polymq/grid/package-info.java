/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What the nodes of a cluster share live, on Hazelcast: a cache. All of it may be lost at any moment; what is true of
 * sessions is in the groups' logs.
 */
@NullMarked
package org.polymq.grid;

import org.jspecify.annotations.NullMarked;
