namespace SoftIov.Api;

/// <summary>Messages of one line each over a stream, both ways, each bounded. One reader at a time; writers may be many.</summary>
public sealed class LineStream : IAsyncDisposable
{
    private const int FirstBufferBytes = 4096;

    private readonly Stream _stream;
    private readonly int _boundBytes;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private byte[] _buffer = new byte[FirstBufferBytes];
    private int _start;
    private int _end;

    /// <summary>Takes <paramref name="stream"/> over; a line longer than <paramref name="boundBytes"/> ends it.</summary>
    public LineStream(Stream stream, int boundBytes)
    {
        _stream = stream;
        _boundBytes = boundBytes;
    }

    /// <summary>
    /// The next line without its end, valid until the next call; null when the stream ended. Throws <see cref="LineTooLongException"/>.
    /// </summary>
    public async ValueTask<ReadOnlyMemory<byte>?> ReadLineAsync(CancellationToken cancellationToken)
    {
        int searched = 0;
        while (true)
        {
            int newline = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (newline >= 0)
            {
                int length = searched + newline;
                var line = new ReadOnlyMemory<byte>(_buffer, _start, length);
                _start += length + 1;
                return line;
            }

            searched = _end - _start;
            if (searched > _boundBytes)
            {
                throw new LineTooLongException(_boundBytes);
            }

            MakeRoom();
            int read = await _stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                return null;
            }

            _end += read;
        }
    }

    /// <summary>Writes one line; <paramref name="line"/> holds no line feed.</summary>
    public async ValueTask WriteLineAsync(ReadOnlyMemory<byte> line, CancellationToken cancellationToken)
    {
        byte[] message = new byte[line.Length + 1];
        line.CopyTo(message);
        message[^1] = (byte)'\n';
        await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await _stream.WriteAsync(message, cancellationToken).ConfigureAwait(false);
            await _stream.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private void MakeRoom()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }
    }
}
