/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.replication.transport;

import com.google.protobuf.Message;

/**
 * A request or its response.
 *
 * @param number the response carries its request's
 */
record NodeFrame(boolean request, int number, Message message) {}
