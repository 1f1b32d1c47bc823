/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.grid;

/**
 * Which gateway has a client, as it lies in the grid.
 *
 * @param gateway the process's id
 * @param epoch larger for each later claim of the client, also over members that were apart
 * @param contested whether another claim came while this one was made: only the home group knows which connection is
 *     the last
 */
record Owner(long gateway, long epoch, boolean contested) {}
