/* SPDX-License-Identifier: Apache-2.0 */
/** The fields of each request, one small record per request code, read strictly. */
@NullMarked
package org.polymq.remoting.wire.header;

import org.jspecify.annotations.NullMarked;
