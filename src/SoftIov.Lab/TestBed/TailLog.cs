namespace SoftIov.Lab.TestBed;

/// <summary>The last lines of a stream: QEMU prints two for every access to a device whose server is gone.</summary>
internal sealed class TailLog
{
    private const int MostLines = 300;
    private readonly Queue<string> _lines = new();

    /// <summary>Follows <paramref name="reader"/> to its end.</summary>
    public async Task FollowAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync(CancellationToken.None).ConfigureAwait(false) is { } line)
        {
            lock (_lines)
            {
                _lines.Enqueue(line);
                if (_lines.Count > MostLines)
                {
                    _lines.Dequeue();
                }
            }
        }
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        lock (_lines)
        {
            return string.Join('\n', _lines);
        }
    }
}
