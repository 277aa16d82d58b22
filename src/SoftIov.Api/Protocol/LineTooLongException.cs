namespace SoftIov.Api;

/// <summary>The other side sent a line longer than the bound; the stream cannot go on.</summary>
public sealed class LineTooLongException : IOException
{
    /// <summary>With the bound in bytes.</summary>
    public LineTooLongException(int boundBytes)
        : base($"a message is longer than {boundBytes} bytes")
    {
    }
}
