using System.Text;

namespace SoftIov.Tests.Cli;

/// <summary>Standard output that a test can wait for.</summary>
internal sealed class SignallingWriter : TextWriter
{
    private readonly StringBuilder _text = new();
    private readonly SemaphoreSlim _flushed = new(0);

    public override Encoding Encoding => Encoding.UTF8;

    public override void Write(char value)
    {
        lock (_text)
        {
            _text.Append(value);
        }
    }

    public override void Write(string? value)
    {
        lock (_text)
        {
            _text.Append(value);
        }
    }

    public override void Flush() => _flushed.Release();

    public override Task FlushAsync()
    {
        Flush();
        return Task.CompletedTask;
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => FlushAsync();

    public override string ToString()
    {
        lock (_text)
        {
            return _text.ToString();
        }
    }

    /// <summary>Until a flush shows <paramref name="text"/>.</summary>
    public async Task WaitForAsync(string text)
    {
        while (!ToString().Contains(text, StringComparison.Ordinal))
        {
            Assert(await _flushed.WaitAsync(TimeSpan.FromSeconds(30)), text);
        }
    }

    private void Assert(bool came, string text)
    {
        if (!came)
        {
            throw new TimeoutException($"'{text}' did not come; there is only: {this}");
        }
    }
}
