namespace SoftIov.Linux;

/// <summary>
/// Standard output or error of this process, by write(2) alone: a terminal's modes stay as they are, other programs that share the open file
/// go on behind what was written, and a reader that went away is an error (<see cref="Errno.EPIPE"/>) rather than nothing.
/// </summary>
public sealed class StandardStream : Stream
{
    private const uint WindowSizeRequest = 0x5413; // TIOCGWINSZ

    private const int OutputDescriptor = 1;
    private const int ErrorDescriptor = 2;

    private readonly int _descriptor;

    private StandardStream(int descriptor) => _descriptor = descriptor;

    /// <summary>Standard output.</summary>
    public static StandardStream Output { get; } = new(OutputDescriptor);

    /// <summary>Standard error. What cannot be written there is lost: there is nobody left to tell.</summary>
    public static StandardStream Error { get; } = new(ErrorDescriptor);

    /// <summary>Columns and rows of the terminal behind it; null when it is no terminal.</summary>
    public unsafe (int Columns, int Rows)? TerminalSize
    {
        get
        {
            ushort* size = stackalloc ushort[4]; // struct winsize: rows, columns, and both in pixels
            return Libc.Ioctl(_descriptor, WindowSizeRequest, (nint)size) == 0 ? (size[1], size[0]) : null;
        }
    }

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Writes all of it; throws a <see cref="LinuxException"/> when that is not possible.</summary>
    public override unsafe void Write(ReadOnlySpan<byte> buffer)
    {
        fixed (byte* bytes = buffer)
        {
            int written = 0;
            while (written < buffer.Length)
            {
                IoResult result = IoResult.From(Libc.Write(_descriptor, bytes + written, (nuint)(buffer.Length - written)));
                if (result.Ok)
                {
                    written += result.Bytes;
                }
                else if (_descriptor == ErrorDescriptor && result.Error is not (Errno.EINTR or Errno.EAGAIN))
                {
                    return;
                }
                else
                {
                    GoOnAfter(result.Error);
                }
            }
        }
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        Write(buffer.AsSpan(offset, count));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>Whoever shares the open file may have made it non-blocking: then this waits for room.</summary>
    private unsafe void GoOnAfter(Errno error)
    {
        const short writable = 4; // POLLOUT
        switch (error)
        {
            case Errno.EINTR:
                return;
            case Errno.EAGAIN:
                var entry = new Libc.PollEntry { Descriptor = _descriptor, Requested = writable };
                Libc.Ppoll(&entry, 1, null, null);
                return;
            default:
                throw new LinuxException("write", error, "standard output");
        }
    }
}
