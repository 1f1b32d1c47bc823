/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.message;

import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.IntFunction;

/**
 * A body as slices in order, so that a reader of a large one need not hold it whole. For one thread at a time; each
 * {@link #next} may wait for the disk.
 */
public final class BodyReader implements Iterator<ByteBuffer> {
    private final int length;
    private final int slices;
    private final IntFunction<ByteBuffer> source;
    private int read;

    BodyReader(int length, int slices, IntFunction<ByteBuffer> source) {
        this.length = length;
        this.slices = slices;
        this.source = source;
    }

    /** Bytes of the whole body. */
    public int length() {
        return length;
    }

    @Override
    public boolean hasNext() {
        return read < slices;
    }

    /**
     * The next bytes, position to limit; not to be changed.
     *
     * @throws org.polymq.broker.BrokerException UNAVAILABLE if they were removed with their message, or are damaged
     */
    @Override
    public ByteBuffer next() {
        if (!hasNext()) {
            throw new NoSuchElementException("the body of " + length + " bytes was read to its end");
        }
        ByteBuffer slice = source.apply(read);
        read++;
        return slice;
    }
}
